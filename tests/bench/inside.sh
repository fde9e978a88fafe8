#!/usr/bin/env bash
# inside.sh RIVALS-USR ARGUMENT...: the last steps into namespaces that bench.sh just made, then measure.py with the arguments.
set -euo pipefail

rivals_usr=$1
shift
mount -t tmpfs tmpfs /run
if [ -d "$rivals_usr" ]; then
    mount -t overlay overlay -o "lowerdir=$rivals_usr:/usr" /usr
fi
exec /usr/bin/python3 "$(dirname "${BASH_SOURCE[0]}")/measure.py" "$@"
