#!/usr/bin/env bash
# Builds natt-tun and runs it: a demonstration in two network namespaces, one peer from its conf, or an installed copy.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/tests/shell/host.sh"

usage() {
    cat <<'END'
usage: ./run-peer.sh demo                 two peers in two network namespaces: ping, iperf3, what the link between them shows
       ./run-peer.sh FILE.conf            run the peer of FILE.conf in the foreground; Ctrl-C stops it
       ./run-peer.sh install [PREFIX]     put a self-contained natt-tun into PREFIX/bin (default /usr/local)
       ./run-peer.sh uninstall [PREFIX]   remove it
       ./run-peer.sh --help

Needs the .NET 10 SDK. Uses sudo where it is not root and needs to be: for namespaces, TUN devices, packages, PREFIX.
END
}

demo() {
    need_root
    find_sdk
    need_packages iproute2 iputils-ping iperf3 tcpdump
    build src/NatT.Cli
    exec_as_root env DOTNET_ROOT="$DOTNET_ROOT" bash "$repository/tests/shell/demo.sh" "$natt_tun"
}

run_conf() {
    [ -r "$1" ] || die "$1: there is no such conf file, or it is not readable"
    need_root
    find_sdk
    build src/NatT.Cli
    exec_as_root env DOTNET_ROOT="$DOTNET_ROOT" "$natt_tun" --conf "$1"
}

install_into() {
    local prefix=$1 published
    find_sdk
    published=$(as_builder mktemp -d)
    # shellcheck disable=SC2064  # the folder's name as it is now
    trap "rm -rf '$published'" EXIT
    publish "$published"
    with_access_to "$prefix" install -D -m 0755 "$published/natt-tun" "$prefix/bin/natt-tun"
    say "installed $prefix/bin/natt-tun"
    case $prefix in
        /usr | /usr/local) ;;
        *) say "note: $prefix/bin may not be on root's PATH; sudo looks in /usr/local/bin" ;;
    esac
}

uninstall_from() {
    local file=$1/bin/natt-tun
    [ -e "$file" ] || die "there is no $file"
    with_access_to "$1" rm "$file"
    say "removed $file"
}

# with_access_to PREFIX COMMAND...: root only where PREFIX/bin is not ours to write.
with_access_to() {
    local folder=$1/bin
    shift
    until [ -e "$folder" ]; do
        folder=$(dirname "$folder")
    done
    if [ -w "$folder" ]; then
        "$@"
    else
        as_root "$@"
    fi
}

case ${1:-} in
    demo) demo ;;
    install) install_into "${2:-/usr/local}" ;;
    uninstall) uninstall_from "${2:-/usr/local}" ;;
    -h | --help) usage ;;
    *.conf) run_conf "$1" ;;
    *)
        usage >&2
        exit 2
        ;;
esac
