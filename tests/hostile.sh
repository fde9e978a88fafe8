#!/usr/bin/env bash
# Tries every hostile behaviour on a running natt-tun and prints what came of each.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/run.sh" Hostile
