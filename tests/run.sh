#!/usr/bin/env bash
# Builds everything once and runs every test. The last line is the count: "N passed, N failed" (", N skipped").
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/shell/host.sh"
# shellcheck disable=SC2154  # repository and natt_tun are of host.sh
. "$repository/tests/shell/tshark.sh"

all_suites=(Format Crypto Esp Tunnel Linux Cli EndToEnd Interop Kernel Hostile Demo Readme Packages Bench)
declare -A needs_root=([Linux]=1 [EndToEnd]=1 [Interop]=1 [Hostile]=1 [Kernel]=1)
declare -A time_limit=([EndToEnd]=1800 [Interop]=600 [Kernel]=900 [Hostile]=1200)
# Of Kernel: chosen rows of what both ends can be set to, or every one.
matrix=pairs
# These run once under each setting of the runtime that takes instructions away: setting, tier of kernels, what the CPU needs for it.
declare -A under_settings=([Crypto]=1 [Esp]=1)
settings=(
    "all-instructions Avx512 avx512f avx512bw avx512vl avx2 aes ssse3"
    "EnableAVX512=0 Avx2 avx2 aes ssse3"
    "EnableAVX2=0 Aes aes ssse3"
    "EnableAES=0 Portable"
    "EnableHWIntrinsic=0 Portable"
)
# No setting chooses the tier Arm64: the contract runs its kernels on a model everywhere, and on the CPU's instructions where these are.
arm64_needs="aes sha2"

usage() {
    cat <<END
usage: tests/run.sh [--full] [SUITE...]
suites: ${all_suites[*]}; by default all
--full: Kernel takes every combination of what the two ends can be set to, instead of every pair of values
END
}

passed=0
failed=0
skipped=0
# The namespaces of the end-to-end tests carry this name, so that we find what a killed test host leaves.
lab=natt-$(od -An -N4 -tx1 /dev/urandom | tr -d ' ')
# Also the tests' folder for temporary files, so that nothing of theirs stays either.
results=
tshark=

clean_up() {
    local status=$? ns
    trap - EXIT
    for ns in $(ip netns list 2>/dev/null | awk -v lab="$lab" 'index($1, lab) == 1 { print $1 }'); do
        as_root sh -c 'ip netns pids "$1" | xargs -r kill -KILL
            inode=$(stat -L -c %i "/run/netns/$1") && rm -rf "/run/natt-tun/$inode" "/etc/netns/$1"
            ip netns del "$1"' remove "$ns" || true
    done
    # The control groups of a killed test's systemd.
    as_root unshare --mount sh -c 'mount -t cgroup2 own /mnt &&
        find /mnt -mindepth 1 -depth -type d -path "/mnt/$1-systemd-*" -exec rmdir {} +' remove "$lab" || true
    [ -z "$results" ] || as_root rm -rf "$results"
    exit "$status"
}

# count PASSED FAILED SKIPPED
count() {
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + $3))
}

run_suite() {
    local suite=$1 started=$SECONDS table
    say ""
    say "== $suite"
    case $suite in
        Format) run_command dotnet_format ;;
        Demo) run_command "$repository/run-peer.sh" demo ;;
        Readme) run_command as_root env DOTNET_ROOT="$DOTNET_ROOT" PATH="$PATH" bash "$repository/tests/shell/readme.sh" ;;
        Packages) run_command as_builder env DOTNET_ROOT="$DOTNET_ROOT" PATH="$PATH" "$repository/tests/shell/packages.sh" ;;
        Bench) run_command "$repository/tests/bench.sh" --quick ;;
        *)
            if [ -n "${under_settings[$suite]:-}" ]; then
                run_under_settings "$suite"
            else
                run_test_project "$suite" "$suite"
            fi
            ;;
    esac
    for table in "$results/$suite"*.table; do
        if [ -f "$table" ]; then
            say ""
            cat "$table"
        fi
    done
    say "== $suite: $summary, $((SECONDS - started)) s"
}

# run_command COMMAND...: a suite of one case.
run_command() {
    local status=0
    "$@" </dev/null 2>&1 || status=$?
    if [ "$status" -eq 0 ]; then
        count 1 0 0
        summary="passed"
    else
        count 0 1 0
        summary="FAILED (exit code $status)"
    fi
}

dotnet_format() {
    as_builder env -C "$repository" dotnet format NatT.Userspace.sln --verify-no-changes --no-restore
}

run_under_settings() {
    local suite=$1 before="$passed $failed $skipped" good bad left line setting tier needs environment
    for line in "${settings[@]}"; do
        read -r setting tier needs <<<"$line"
        environment=(NATT_KERNEL_TIER="$tier")
        [[ $setting != *=* ]] || environment+=("DOTNET_$setting")
        say "-- $setting: tier $tier"
        # shellcheck disable=SC2086  # words
        if ! cpu_has $needs; then
            say "-- THIS CPU HAS NO TIER $tier (it lacks one of: $needs): it is NOT TESTED, the next lower one runs"
            environment=("${environment[@]:1}")
        fi
        run_test_project "$suite" "$suite.${setting%=*}" "${environment[@]}"
    done
    # shellcheck disable=SC2086  # words
    if [ "$suite" != Crypto ]; then
        :
    elif [ "$(uname -m)" = aarch64 ] && cpu_has $arm64_needs; then
        say "-- tier Arm64: tested above, on this CPU's own instructions"
    else
        say "-- THIS CPU HAS NO TIER Arm64: tested above on a model of its instructions, NOT on the instructions"
    fi
    read -r good bad left <<<"$before"
    summary="$((passed - good)) passed, $((failed - bad)) failed, $((skipped - left)) skipped"
}

# cpu_has FLAG...
cpu_has() {
    local flags flag
    flags=" $(grep -m 1 -E '^(flags|Features)' /proc/cpuinfo || true) "
    for flag in "$@"; do
        [[ $flags == *" $flag "* ]] || return 1
    done
}

# run_test_project SUITE NAME [VARIABLE=VALUE...]: NAME names this run's results.
run_test_project() {
    local suite=$1 name=$2 status=0 counters
    shift 2
    local assembly=$repository/tests/NatT.$suite.Tests/bin/Release/net10.0/NatT.$suite.Tests.dll
    local command=(env DOTNET_ROOT="$DOTNET_ROOT" PATH="$PATH" NATT_TUN="$natt_tun" NATT_TSHARK="$tshark" NATT_LAB="$lab" TMPDIR="$results" LC_ALL=C.UTF-8
        CI="${CI:-}" NATT_TABLES="$results" NATT_KERNEL_MATRIX="$matrix"
        DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 "$@"
        timeout --foreground --kill-after=20 "${time_limit[$suite]:-600}"
        dotnet test "$assembly" --logger "console;verbosity=normal" --logger "trx;LogFileName=$name.trx" --results-directory "$results")
    if [ -n "${needs_root[$suite]:-}" ]; then
        command=(as_root "${command[@]}")
    fi

    "${command[@]}" </dev/null 2>&1 | show_cases "$suite" || status=$?
    counters=$(sed -nE 's/.*<Counters total="([0-9]+)" executed="([0-9]+)" passed="([0-9]+)".*/\1 \2 \3/p' "$results/$name.trx" 2>/dev/null || true)
    account_for "$status" "${counters:-0 0 0}"
}

# What a reader wants of the test host's output: for the suites with root each case by name, for all failures and reasons.
show_cases() {
    local noise='^(Test run for|VSTest version|Starting test execution|A total of|Results File|\[xUnit\.net [0-9:.]+\] (  Discover|  Start|  Finish|xUnit\.net)|Total tests| +(Passed|Failed|Skipped): | *Total time|Test Run|Additionally, path|.* at (System\.R|InvokeStub)|$)'
    if [ -z "${needs_root[$1]:-}" ]; then
        noise+='|^  Passed '
    fi
    grep -vE --line-buffered "$noise" || true
}

# account_for STATUS "TOTAL EXECUTED PASSED": a test host that fell over counts as a failure even where no case failed.
account_for() {
    local status=$1 total executed good
    read -r total executed good <<<"$2"
    local bad=$((executed - good))
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        say "the test host ended with exit code $status$([ "$status" -ne 124 ] || echo ' (out of time)') and reported no failed case"
        bad=1
    fi
    count "$good" "$bad" $((total - executed))
    summary="$good passed, $bad failed, $((total - executed)) skipped"
}

finish() {
    local line="$passed passed, $failed failed"
    [ "$skipped" -eq 0 ] || line+=", $skipped skipped"
    say ""
    say "$line"
    [ "$failed" -eq 0 ]
    exit
}

case ${1:-} in
    -h | --help)
        usage
        exit
        ;;
    --full)
        matrix=full
        time_limit[Kernel]=7200
        shift
        ;;
esac
suites=("$@")
[ $# -gt 0 ] || suites=("${all_suites[@]}")
for suite in "${suites[@]}"; do
    case " ${all_suites[*]} " in
        *" $suite "*) ;;
        *)
            usage >&2
            die "there is no suite '$suite'"
            ;;
    esac
done

need_root
find_sdk
need_packages iproute2 iputils-ping iperf3 tcpdump tshark nftables ethtool conntrack python3-scapy systemd supervisor logrotate
# A Linux 6.1 with ESP to test against, as a process; Debian has it for this machine type alone.
[[ " ${suites[*]} " != *" Kernel "* || $(uname -m) != x86_64 ]] || need_packages user-mode-linux
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
results=$(mktemp -d)
chmod 755 "$results"

if ! (build NatT.Userspace.sln); then
    count 0 1 0
    finish
fi
if [[ " ${suites[*]} " == *" Interop "* ]]; then
    # Where there is none the test that needs it says so.
    tshark=$(newer_tshark "$repository/tests/NatT.Interop.Tests/obj/tshark") || tshark=
fi
for suite in "${suites[@]}"; do
    run_suite "$suite"
done
finish
