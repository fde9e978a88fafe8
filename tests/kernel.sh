#!/usr/bin/env bash
# Runs natt-tun against the ESP of a real Linux kernel; with --full every combination instead of every pair of values.
set -euo pipefail
case ${1:-} in
    --full) export NATT_KERNEL_MATRIX=full NATT_KERNEL_LIMIT=14400 ;;
    '') ;;
    *)
        echo "usage: tests/kernel.sh [--full]" >&2
        exit 1
        ;;
esac
exec "$(dirname "${BASH_SOURCE[0]}")/run.sh" Kernel
