#!/usr/bin/env bash
# packages.sh: packs NatT.Esp and NatT.Crypto, and builds and runs samples/esp-round-trip on the packages alone, as a user of them has it.
# Needs no root. The packages land in a folder of its own and in no cache, as their version does not change from run to run.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
temp=$(mktemp -d "${TMPDIR:-/tmp}/natt-packages.XXXXXX")
trap 'rm -rf "$temp"' EXIT
sample=$temp/esp-round-trip

fail() {
    printf 'packages failed: %s\n' "$*" >&2
    exit 1
}

# quietly_dotnet ARGUMENT...: its output where it fails, and no build server that outlives it.
quietly_dotnet() {
    dotnet "$@" -nodeReuse:false -p:UseSharedCompilation=false >"$temp/log" 2>&1 </dev/null || {
        cat "$temp/log" >&2
        fail "dotnet $1"
    }
}

cd "$repository"
for project in NatT.Crypto NatT.Esp; do
    quietly_dotnet pack "src/$project" -c Release -o "$temp/feed" -v quiet
done

# The sample alone, with the repository's settings and none of its source.
cp -r samples/esp-round-trip "$sample"
rm -rf "${sample:?}/obj" "${sample:?}/bin"
cp Directory.Build.props Directory.Packages.props "$temp"
cached=${NUGET_PACKAGES:-${HOME:?}/.nuget/packages}
NUGET_PACKAGES=$temp/cache quietly_dotnet build "$sample" -c Release -v quiet -p:PackageFolder="$temp/feed" -p:RestoreFallbackFolders="$cached"

output=$("${DOTNET_ROOT:+$DOTNET_ROOT/}dotnet" "$sample/bin/Release/net10.0/esp-round-trip.dll")
printf '%s\n' "$output"
suites=$(grep -c '^[a-z].* on ' <<<"$output")
for line in 'opened     the same packet' 'a forgery  dropped: IcvMismatch' 'a replay   dropped: Replayed' 'opened     dropped: SelectorMismatch'; do
    [ "$(grep -cF "  $line" <<<"$output")" -eq "$suites" ] || fail "not every suite says '$line'"
done
