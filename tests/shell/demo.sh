#!/usr/bin/env bash
# demo.sh NATT-TUN: two real natt-tun processes, a link between them, and what it carries. Needs root; leaves nothing behind.
#
#   namespace natt-…-a                                          namespace natt-…-b
#   natt0 10.77.0.1, fd77::1                                    natt0 10.77.0.2, fd77::2
#     natt-tun ── outer 192.0.2.1 ════════ veth ════════ outer 192.0.2.2 ── natt-tun
#                       └─ tcpdump
set -euo pipefail
export LC_ALL=C
umask 077

natt_tun=$1
samples=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../samples/two-peers" && pwd)
seconds=4

lab=natt-$(od -An -N4 -tx1 /dev/urandom | tr -d ' ')
a=$lab-a
b=$lab-b
temp=$(mktemp -d "${TMPDIR:-/tmp}/$lab.XXXXXX")
declare -A background=()

say() {
    printf '%s\n' "$*"
}

fail() {
    failure=$*
    exit 1
}

clean_up() {
    local status=$? pid
    trap - EXIT
    trap '' INT TERM HUP PIPE
    set +e
    for pid in "${!background[@]}"; do
        stop "$pid"
    done
    if [ "$status" -ne 0 ]; then
        [ "$status" -gt 128 ] || show_logs >&2
        printf 'demo failed: %s\n' "${failure:-stopped with exit code $status}" >&2
    fi
    ip netns del "$a" 2>/dev/null
    ip netns del "$b" 2>/dev/null
    rm -rf "$temp"
    exit "$status"
}

show_logs() {
    local log
    for log in "$temp"/*.log; do
        [ ! -s "$log" ] || sed "s|^|${log##*/}: |" "$log"
    done
}

# stop PID: SIGTERM, and SIGKILL where five seconds pass. Returns the process's exit code.
stop() {
    local tenths=0
    kill -TERM "$1" 2>/dev/null
    while kill -0 "$1" 2>/dev/null && [ "$tenths" -lt 50 ]; do
        sleep 0.1
        tenths=$((tenths + 1))
    done
    kill -KILL "$1" 2>/dev/null
    unset "background[$1]"
    wait "$1" 2>/dev/null
}

# start LOG COMMAND...: in the background, its pid in $started.
start() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 </dev/null &
    started=$!
    background[$started]=$log
}

# wait_for PID LOG PATTERN: up to 20 s for a line, while the process lives.
wait_for() {
    local tenths=0
    until grep -qs -- "$3" "$2"; do
        kill -0 "$1" 2>/dev/null || fail "${2##*/}: ended before it said '$3'"
        [ "$tenths" -lt 200 ] || fail "${2##*/}: did not say '$3' within 20 s"
        sleep 0.1
        tenths=$((tenths + 1))
    done
}

wait_for_peer() {
    wait_for "$1" "$2" 'device natt0 is up'
    wait_for "$1" "$2" 'peer .* is up'
    sed "s/^/  $(basename "$2" .log): /" "$2"
}

lay_link() {
    local ns
    for ns in "$a" "$b"; do
        ip netns add "$ns"
        ip -n "$ns" link set lo up
    done
    ip link add outer netns "$a" type veth peer name outer netns "$b"
    ip -n "$a" address add 192.0.2.1/30 dev outer
    ip -n "$b" address add 192.0.2.2/30 dev outer
    for ns in "$a" "$b"; do
        # The outer link is IPv4 here; without this, its neighbour discovery would be the only other traffic on it.
        ip netns exec "$ns" sysctl -q -w net.ipv6.conf.outer.disable_ipv6=1
        ip -n "$ns" link set outer up
    done
}

random_key() {
    printf 0x
    od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'
}

# set_conf FILE KEY VALUE: with builtins alone, so that no key shows in a process list.
set_conf() {
    local line lines='' found=
    while IFS= read -r line || [ -n "$line" ]; do
        if [[ $line =~ ^[[:space:]]*$2[[:space:]]*= ]]; then
            line="$2 = $3"
            found=1
        fi
        lines+=$line$'\n'
    done <"$1"
    [ -n "$found" ] || lines+="$2 = $3"$'\n'
    printf '%s' "$lines" >"$1"
}

write_confs() {
    local a_to_b b_to_a a_to_b_auth b_to_a_auth side
    a_to_b=$(random_key 32) b_to_a=$(random_key 32) a_to_b_auth=$(random_key 32) b_to_a_auth=$(random_key 32)
    for side in a b; do
        install -m 600 "$samples/$side.conf" "$temp/$side.conf"
        set_conf "$temp/$side.conf" state_dir "$temp/state-$side"
        mkdir "$temp/state-$side"
    done
    set_directions "$temp/a.conf" "$b_to_a" "$b_to_a_auth" "$a_to_b" "$a_to_b_auth"
    set_directions "$temp/b.conf" "$a_to_b" "$a_to_b_auth" "$b_to_a" "$b_to_a_auth"
    set_conf "$temp/a.conf" remote_public_ip 192.0.2.2
    set_conf "$temp/b.conf" remote_public_ip 192.0.2.1
}

set_directions() {
    set_conf "$1" enc_in "$2"
    set_conf "$1" auth_in "$3"
    set_conf "$1" enc_out "$4"
    set_conf "$1" auth_out "$5"
}

# ping_through NAMESPACE ADDRESS WHAT
ping_through() {
    local answer
    answer=$(ip netns exec "$1" ping -n -q -c 10 -i 0.2 -W 2 "$2" 2>&1) || fail "no ping $3: $(tail -n 2 <<<"$answer")"
    say "  ping $3: $(sed -nE 's/.* ([0-9]+) received, .*/\1 of 10 answered/p; s|^rtt [^=]*= ([^/]*)/([^/]*)/.*|, \2 ms on average|p' <<<"$answer" | tr -d '\n')"
}

# iperf WHAT CLIENT-OPTION...: from a to b.
iperf() {
    local what=$1 report
    shift
    report=$(ip netns exec "$a" timeout --foreground $((seconds + 20)) iperf3 -c 10.77.0.2 -t "$seconds" -f m "$@" 2>&1) ||
        fail "iperf3 $what: $(tail -n 2 <<<"$report")"
    say "  iperf3 $what: $(awk '/receiver/ {
        for (i = 2; i <= NF; i++) if ($i == "Mbits/sec") rate = $(i - 1)
        lost = $0 ~ /%\)/ ? ", lost " $(NF - 2) " " $(NF - 1) : ""
        print rate " Mbit/s" lost }' <<<"$report")"
}

# captured FILTER: how many frames of the capture match it.
captured() {
    tcpdump -n -r "$temp/outer.pcap" --count "$1" 2>/dev/null | awk '{ print $1 }'
}

report_link() {
    local esp arp all other
    esp=$(captured 'udp port 1100') arp=$(captured arp) all=$(captured '')
    other=$((all - esp - arp))
    say "  on the outer link: udp port 1100: $esp, arp: $arp, other: $other ($(sed -n 's/ packets dropped by kernel//p' "$temp/tcpdump.log") not captured)"
    [ "$esp" -gt 0 ] || fail "the capture of the outer link is empty"
    if [ "$other" -ne 0 ]; then
        tcpdump -n -r "$temp/outer.pcap" 'not udp port 1100 and not arp' 2>/dev/null | head -n 5 >&2 || true
        fail "something other than UDP port 1100 was seen on the outer link"
    fi
}

# stop_peer PID NAMESPACE: it must end well and take its device with it.
stop_peer() {
    stop "$1" || fail "natt-tun in $2 ended with exit code $?"
    ! ip -n "$2" link show natt0 >/dev/null 2>&1 || fail "natt-tun in $2 left its device natt0 behind"
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'exit 141' PIPE

say "two namespaces, $a and $b, joined by a veth"
lay_link
write_confs

say "one natt-tun in each"
start "$temp/a.log" ip netns exec "$a" "$natt_tun" --conf "$temp/a.conf"
peer_a=$started
start "$temp/b.log" ip netns exec "$b" "$natt_tun" --conf "$temp/b.conf"
peer_b=$started
wait_for_peer "$peer_a" "$temp/a.log"
wait_for_peer "$peer_b" "$temp/b.log"

# From when both listen until before one stops: in between, nothing but our own packets has a reason to be on the link.
start "$temp/tcpdump.log" ip netns exec "$a" tcpdump -n -Z root -i outer --immediate-mode -s 96 -B 8192 -w "$temp/outer.pcap"
sniffer=$started
wait_for "$sniffer" "$temp/tcpdump.log" 'listening on'

say "through the tunnel"
ping_through "$a" 10.77.0.2 "a to b, IPv4"
ping_through "$b" 10.77.0.1 "b to a, IPv4"
ping_through "$a" fd77::2 "a to b, IPv6"
ping_through "$b" fd77::1 "b to a, IPv6"

start "$temp/iperf3.log" ip netns exec "$b" iperf3 -s -B 10.77.0.2 --forceflush
iperf_server=$started
wait_for "$iperf_server" "$temp/iperf3.log" 'Server listening'
iperf "TCP, a to b" -C cubic
iperf "TCP, b to a" -C cubic -R
iperf "UDP at 20 Mbit/s, a to b" -u -b 20M -l 1200
iperf "UDP at 20 Mbit/s, b to a" -u -b 20M -l 1200 -R

stop "$sniffer" || true
report_link

stop_peer "$peer_a" "$a"
stop_peer "$peer_b" "$b"
say "demo passed in $SECONDS s"
