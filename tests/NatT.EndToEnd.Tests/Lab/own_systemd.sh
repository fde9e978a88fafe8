#!/bin/sh
# own_systemd.sh: becomes a real systemd, as process 1 of a PID namespace. To be run behind own_folders.sh.
#
# It has a control group of its own and sees the units of /etc/systemd/system and those that every service has by default,
# none of which does anything: nothing that starts with the machine starts here, and no setting of the machine's changes.
set -eu
if [ "${1:-}" != inside ]; then
    group=/sys/fs/cgroup/${NATT_LAB:-natt-e2e}-systemd-$$
    mount -t cgroup2 own /sys/fs/cgroup
    mkdir "$group"
    echo $$ >"$group/cgroup.procs"
    # The folder of the group, for whoever clears up.
    echo "$group"
    exec unshare --pid --fork --kill-child --mount --ipc --uts --cgroup sh "$0" inside
fi

mount -t proc own /proc
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount -o remount,bind,ro /sys
umount -l /sys/fs/cgroup
mount -t cgroup2 own /sys/fs/cgroup
mount --bind /dev/null /dev/console
units=/usr/local/lib/units-of-every-service
mkdir -p "$units" /usr/local/lib/no-generators
for target in basic final lab multi-user network-online nss-lookup paths shutdown slices sockets sysinit timers umount; do
    printf '[Unit]\nDefaultDependencies=no\nAllowIsolate=yes\n' >"$units/$target.target"
done
# There is no journal here.
mkdir -p "$units/service.d"
printf '[Service]\nStandardOutput=append:/var/log/services.log\nStandardError=append:/var/log/services.log\n' >"$units/service.d/log.conf"
export container=natt-lab SYSTEMD_UNIT_PATH="/etc/systemd/system:$units" SYSTEMD_GENERATOR_PATH=/usr/local/lib/no-generators
exec /lib/systemd/systemd --system --unit=lab.target --log-target=null --show-status=no
