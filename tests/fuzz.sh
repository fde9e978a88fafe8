#!/usr/bin/env bash
# Feeds damaged input to what reads strangers' octets; --help has the options.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/shell/host.sh"
# shellcheck disable=SC2154  # repository is of host.sh

find_sdk
build tests/NatT.Fuzz
exec env -C "$repository" dotnet tests/NatT.Fuzz/bin/Release/net10.0/NatT.Fuzz.dll "$@"
