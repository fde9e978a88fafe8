#!/bin/sh
# own_folders.sh SCRATCH NATT-TUN DOTNET-ROOT COMMAND...: runs COMMAND as on a machine of its own, where natt-tun is installed.
#
# To be run in a mount namespace whose changes nobody else sees ("ip netns exec" makes one). /etc, /usr/local and /var are the
# machine's, with what is written to them kept in SCRATCH; /run is empty. The folders of services hold nothing of the machine's.
set -eu
scratch=$1 natt_tun=$2 dotnet_root=$3
shift 3

mount -t tmpfs -o mode=755 own "$scratch"
for folder in etc usr/local var; do
    mkdir -p "$scratch/$folder/upper" "$scratch/$folder/work"
    mount -t overlay -o "lowerdir=/$folder,upperdir=$scratch/$folder/upper,workdir=$scratch/$folder/work" own "/$folder"
done
mount -t tmpfs -o mode=755 own /run
rm -rf /etc/supervisor/conf.d/* /etc/systemd/system/* /etc/natt-tun /var/lib/natt-tun /var/log/natt-tun*

# Where a service that may not see /home and /tmp finds them too.
mkdir -p /usr/local/bin /usr/local/lib/natt-tun /usr/local/lib/dotnet-of-natt-tun
mount --bind "$(dirname "$natt_tun")" /usr/local/lib/natt-tun
mount --bind "$dotnet_root" /usr/local/lib/dotnet-of-natt-tun
cat >/usr/local/bin/natt-tun <<END
#!/bin/sh
export DOTNET_ROOT=/usr/local/lib/dotnet-of-natt-tun
exec /usr/local/lib/natt-tun/$(basename "$natt_tun") "\$@"
END
printf '#!/bin/sh\nexec "$@"\n' >/usr/local/bin/sudo
chmod 755 /usr/local/bin/natt-tun /usr/local/bin/sudo
PATH=/usr/local/bin:$PATH exec "$@"
