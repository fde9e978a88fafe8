#!/usr/bin/env bash
# Half an hour of traffic, pings and forgeries through two natt-tun: do memory, descriptors, latency and loss stay as they were?
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/shell/host.sh"

usage() {
    cat <<'END'
usage: tests/soak.sh [--minutes N]

Prints a sample every ten seconds and a verdict, and leaves samples and a plot in tests/soak/obj.
  --minutes N   by default 30
END
}

minutes=30
while [ $# -gt 0 ]; do
    case $1 in
        --minutes) [ $# -gt 1 ] || die "$1 needs a value" ;;&
        --minutes) minutes=$2 && shift ;;
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
[[ $minutes =~ ^[1-9][0-9]*$ ]] || die "--minutes $minutes: not a number of minutes"

need_root
find_sdk
need_packages iproute2 iputils-ping iperf3 python3
# shellcheck disable=SC2154  # repository is of host.sh
results=$repository/tests/soak/obj
as_builder mkdir -p "$results"
publish "$results/natt-tun"

# Namespaces of its own for mounts and processes: whatever is left ends with it.
as_root env LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$repository/tests/bench" \
    unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
    bash -c 'mount -t tmpfs tmpfs /run && exec /usr/bin/python3 "$@"' soak \
    "$repository/tests/soak/soak.py" "$results/natt-tun/natt-tun" "$minutes" "$results"
