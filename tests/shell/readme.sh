#!/usr/bin/env bash
# readme.sh: types the README's "Two real hosts" as it stands, on two hosts that are namespaces. Needs root and the registry.
#
#   namespace here: 203.0.113.1 ════════ veth ════════ namespace there: 203.0.113.2
#
# Both hosts see an empty /usr/local/bin and /var/lib of their own (mount namespaces), so that what is installed and
# recorded is theirs and vanishes with them. Where the machine has no sudo, a stand-in runs its arguments.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

if [ "${1:-}" != inside ]; then
    exec unshare --mount --propagation private bash "${BASH_SOURCE[0]}" inside
fi

lab=natt-$(od -An -N4 -tx1 /dev/urandom | tr -d ' ')
temp=$(mktemp -d "${TMPDIR:-/tmp}/$lab.XXXXXX")
background=()

say() {
    printf '%s\n' "$*"
}

fail() {
    say "readme failed: $*" >&2
    exit 1
}

clean_up() {
    local status=$? pid host
    trap - EXIT
    trap '' INT TERM HUP
    set +e
    for host in here there; do
        ip netns pids "$lab-$host" 2>/dev/null | xargs -r kill -TERM
    done
    for pid in "${background[@]}"; do
        wait "$pid" 2>/dev/null
    done
    if [ "$status" -ne 0 ]; then
        tail -n 20 "$temp"/*.log >&2
    fi
    for host in here there; do
        ip netns del "$lab-$host" 2>/dev/null
    done
    rm -rf "$temp"
    exit "$status"
}

# block N: the N-th sh block behind the marker.
block() {
    awk -v wanted="$1" '
        /<!-- two-hosts/ { active = 1 }
        active && /^```sh$/ { if (++n == wanted) { printing = 1; next } }
        /^```$/ { if (printing) exit }
        printing' "$repository/README.md"
}

# on HOST N: types block N in HOST's home folder.
on() {
    (cd "$temp/$1" && ip netns exec "$lab-$1" bash -euc "mount --bind '$temp/$1-lib' /var/lib; $(block "$2")")
}

# start HOST N LOG
start() {
    on "$1" "$2" >"$temp/$3.log" 2>&1 </dev/null &
    background+=($!)
}

# wait_for LOG PATTERN
wait_for() {
    local tenths=0
    until grep -q -- "$2" "$temp/$1.log" 2>/dev/null; do
        [ "$tenths" -lt 200 ] || fail "$1 did not say '$2' within 20 s"
        sleep 0.1
        tenths=$((tenths + 1))
    done
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

mkdir "$temp"/{bin,here,there,here-lib,there-lib}
if command -v sudo >/dev/null; then
    ln -s "$(command -v sudo)" "$temp/bin/sudo"
else
    printf '#!/bin/sh\nexec "$@"\n' >"$temp/bin/sudo"
    chmod 755 "$temp/bin/sudo"
fi
mount --bind "$temp/bin" /usr/local/bin
export PATH=/usr/local/bin:$PATH

for host in here there; do
    ip netns add "$lab-$host"
    ip -n "$lab-$host" link set lo up
done
ip link add outer netns "$lab-here" type veth peer name outer netns "$lab-there"
ip -n "$lab-here" address add 203.0.113.1/30 dev outer
ip -n "$lab-there" address add 203.0.113.2/30 dev outer
ip -n "$lab-here" link set outer up
ip -n "$lab-there" link set outer up

say "block 1: install"
(cd "$repository" && bash -euc "$(block 1)")
say "block 2: two confs"
on here 2
mv "$temp/here/there.conf" "$temp/there/peer.conf"
mv "$temp/here/here.conf" "$temp/here/peer.conf"
say "block 3: the record there"
on there 3
say "block 4: natt-tun on each"
start here 4 here
start there 4 there
wait_for here 'peer .* is up'
wait_for there 'peer .* is up'
! grep 'no record' "$temp/here.log" "$temp/there.log" || fail "a record was not found"
say "blocks 5 and 6: iperf3"
start there 5 iperf3-server
sleep 1
on here 6 >"$temp/iperf3.log" 2>&1 || fail "iperf3 did not get through"
grep receiver "$temp/iperf3.log"
say "the README's two hosts talk"
