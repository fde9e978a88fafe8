# shellcheck shell=bash
# What run-peer.sh and tests/run.sh need of the host: root, the .NET SDK, Debian packages, a build. To be sourced.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034  # for those who source this
natt_tun=$repository/src/NatT.Cli/bin/Release/net10.0/natt-tun

# A user's PATH on Debian lacks the folders where ip, tcpdump and nft are.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# as_root COMMAND...: sudo only where we are not root already.
as_root() {
    if [ "$EUID" -eq 0 ]; then
        "$@"
    else
        need_root
        sudo -- "$@"
    fi
}

# The same as the last act of this shell, so that signals reach the command itself.
exec_as_root() {
    if [ "$EUID" -eq 0 ]; then
        exec "$@"
    fi
    need_root
    exec sudo -- "$@"
}

# To be called before a long build too, where root will be needed after it.
need_root() {
    [ "$EUID" -eq 0 ] || command -v sudo >/dev/null || die "this needs root and there is no sudo here: run it as root"
}

# as_builder COMMAND...: as the user who called sudo, so that no bin or obj of root's stays in that user's tree.
as_builder() {
    if builder_called_sudo; then
        local home
        home=$(home_of "$SUDO_USER")
        runuser -u "$SUDO_USER" -- env HOME="$home" "$@"
    else
        "$@"
    fi
}

builder_called_sudo() {
    [ "$EUID" -eq 0 ] && [ "${SUDO_UID:-0}" -ne 0 ] && runuser -u "$SUDO_USER" -- test -w "$repository"
}

home_of() {
    getent passwd "$1" | cut -d: -f6
}

# Puts the SDK on PATH and into DOTNET_ROOT, where the built natt-tun looks for its runtime.
find_sdk() {
    local candidate caller_home=
    [ -z "${SUDO_USER:-}" ] || caller_home=$(home_of "$SUDO_USER")
    for candidate in "$(command -v dotnet || true)" "${DOTNET_ROOT:-}/dotnet" "${HOME:-}/.dotnet/dotnet" \
        "$caller_home/.dotnet/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
        if [ -x "$candidate" ] && has_sdk "$candidate"; then
            DOTNET_ROOT=$(dirname "$(readlink -f "$candidate")")
            PATH=$DOTNET_ROOT:$PATH
            export DOTNET_ROOT PATH
            return
        fi
    done
    die "the .NET 10 SDK is missing (looked in PATH, DOTNET_ROOT, ~/.dotnet, /usr/share/dotnet, /usr/lib/dotnet): install the package dotnet-sdk-10.0 or https://dot.net/v1/dotnet-install.sh --channel 10.0"
}

has_sdk() {
    "$1" --list-sdks 2>/dev/null | grep -qE '^[1-9][0-9]\.' && "$1" --list-runtimes 2>/dev/null | grep -qF 'Microsoft.NETCore.App 10.'
}

# need_packages PACKAGE...: installs what is missing of these Debian packages, and says so.
need_packages() {
    local package missing=()
    for package in "$@"; do
        has_package "$package" || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0

    command -v apt-get >/dev/null || die "missing, and there is no apt-get to install them with: ${missing[*]}"
    say "installing the Debian packages ${missing[*]}"
    quietly "apt-get could not install: ${missing[*]}" as_root env DEBIAN_FRONTEND=noninteractive sh -c \
        'apt-get update -q && exec apt-get install -q -y --no-install-recommends "$@"' install "${missing[@]}" </dev/null
}

# By what it brings rather than by dpkg's list: another package, or another distribution, may have brought it.
has_package() {
    case $1 in
        iproute2) command -v ip && command -v ss ;;
        iputils-ping) command -v ping ;;
        nftables) command -v nft ;;
        supervisor) command -v supervisord ;;
        user-mode-linux) command -v linux.uml ;;
        systemd) command -v systemctl && [ -x /lib/systemd/systemd ] ;;
        python3) [ -x /usr/bin/python3 ] ;;
        python3-scapy) [ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import scapy.layers.ipsec' ;;
        *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

# build PROJECT: Release, as the invoking user. The lock lets two commands start at once in one tree; the build gets no copy
# of it (9<&-) and leaves no server behind, for either would outlive us.
build() {
    say "building $1 (Release)"
    exec 9<"$repository/src"
    flock 9
    quietly "the build of $1 failed" as_builder env -C "$repository" dotnet build "$1" -c Release --nologo -v quiet -clp:NoSummary \
        -nodeReuse:false -p:UseSharedCompilation=false 9<&- </dev/null
    exec 9<&-
}

# publish FOLDER: natt-tun as it is installed, one file that needs no .NET on the machine.
publish() {
    say "publishing a self-contained natt-tun"
    quietly "dotnet publish failed" as_builder env -C "$repository" dotnet publish src/NatT.Cli -c Release -r "$(runtime_identifier)" \
        --self-contained -p:PublishSingleFile=true -o "$1" --nologo -v quiet -nodeReuse:false -p:UseSharedCompilation=false </dev/null
}

runtime_identifier() {
    case $(uname -m) in
        x86_64) echo linux-x64 ;;
        aarch64) echo linux-arm64 ;;
        *) die "no .NET runtime is known here for the machine type $(uname -m)" ;;
    esac
}

# quietly WHAT-FAILED COMMAND...: shows the command's output only where it fails.
quietly() {
    local failure=$1 output status=0
    shift
    output=$("$@" 2>&1) || status=$?
    if [ "$status" -ne 0 ]; then
        printf '%s\n' "$output" >&2
        die "$failure (exit $status)"
    fi
}
