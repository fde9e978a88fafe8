#!/usr/bin/env bash
# natt-tun against other tunnels and the plain link, between two namespaces of this machine; see usage.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/shell/host.sh"
# shellcheck disable=SC2154  # repository is of host.sh
. "$repository/tests/bench/packages.sh"

usage() {
    cat <<'END'
usage: tests/bench.sh [--rounds N] [--only RIVAL,...] [--write-readme]
       tests/bench.sh --quick
       tests/bench.sh --from ROUNDS.jsonl [--write-readme]

Prints the raw rounds, a table of medians, ratios, and which targets are met. Every figure is the receiver's.
  --rounds N        how often each rival has its turn; by default 5, about 28 minutes
  --only RIVAL,...  kernels, natt-tun, natt-tun-no-avx512, natt-tun-gcm, natt-tun-chacha, natt-tun-2-workers, wireguard-go, plain, strongswan-gcm, strongswan-cbc, openvpn-gcm, openvpn-cbc, veth
  --write-readme    puts table and plot into the README, and the raw rounds into tests/bench/figures, where --quick looks for them
  --from FILE       reports raw rounds measured earlier
  --quick           natt-tun and the plain link alone, under 3 minutes; fails below half of the recorded share of the plain link's rate
END
}

rounds=5
only=all
is_quick=
from=
report_options=(--raw)

while [ $# -gt 0 ]; do
    case $1 in
        --rounds | --only | --from) [ $# -gt 1 ] || die "$1 needs a value" ;;&
        --rounds) rounds=$2 && shift ;;
        --only) only=$2 && shift ;;
        --from) from=$2 && shift ;;
        --write-readme) report_options+=("$1") ;;
        --quick) is_quick=1 && rounds=2 only=natt-tun,veth ;;
        -h | --help)
            usage
            exit
            ;;
        *)
            usage >&2
            exit 2
            ;;
    esac
    shift
done
[[ $rounds =~ ^[1-9][0-9]*$ ]] || die "--rounds $rounds: not a number of rounds"

python() {
    as_builder env PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$@"
}

report() {
    python "$repository/tests/bench/report.py" "$1" "${report_options[@]}"
}

# ladder RESULTS: what each layer leaves of the one below, with iperf3's rate of this run on top.
ladder() {
    local mbit_s
    mbit_s=$(python "$repository/tests/bench/median.py" "$1" natt-tun tcp1_mbit_s)
    [ -z "$mbit_s" ] || as_builder env DOTNET_ROOT="$DOTNET_ROOT" \
        "$repository/tests/NatT.Benchmarks/bin/Release/net10.0/NatT.Benchmarks" --ladder --iperf3-mbit "$mbit_s"
}

# measure RESULTS: with mount and PID namespaces of its own, so that nothing outlives it and the rivals are in /usr for it alone.
measure() {
    local options=()
    [ -z "$is_quick" ] || options+=(--quick)
    exec 3>&1
    # It lives no longer than our end of its standard input.
    coproc measuring {
        as_root env DOTNET_ROOT="$DOTNET_ROOT" PATH="$PATH" LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
            unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
            bash "$repository/tests/bench/inside.sh" "$rivals/root/usr" "$only" "$rounds" "$1" "${options[@]}" >&3
    }
    # shellcheck disable=SC2154  # bash sets measuring and measuring_PID, and unsets them when it ends
    lifeline=${measuring[1]} measuring_process=$measuring_PID
    trap end_measuring EXIT
    wait "$measuring_process"
    trap - EXIT
}

end_measuring() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    exec {lifeline}>&-
    wait "$measuring_process" || true
    exit "$status"
}

if [ -n "$from" ]; then
    report "$from"
    exit
fi

need_root
find_sdk
need_packages iproute2 iputils-ping iperf3 python3
publish "$repository/tests/bench/obj/natt-tun"
rivals=$repository/tests/bench/obj/rivals
if [ -z "$is_quick" ]; then
    build tests/bench/PlainTunnel
    build tests/NatT.Benchmarks
    unpack_rivals "$rivals"
fi

trap 'exit 130' INT
trap 'exit 143' TERM HUP
results=$repository/tests/bench/obj/rounds.jsonl
as_builder mkdir -p "${results%/*}"
as_builder touch "$results"
exec 8<"$results"
flock --nonblock 8 || die "another tests/bench.sh runs here: two would measure each other"
measure "$results"
if [ -n "$is_quick" ]; then
    python "$repository/tests/bench/quick.py" "$results"
else
    report "$results"
    ladder "$results"
fi
