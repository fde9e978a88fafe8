using System.Text;
using NatT.Linux.Interop;

namespace NatT.Linux;

/// <content>Why there is no device, each with its remedy.</content>
public sealed partial class TunDevice
{
    private static void RequireInterfaceName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Encoding.UTF8.GetByteCount(name) >= InterfaceRequest.NameSize)
        {
            throw new LinuxException(
                "TUNSETIFF", Errno.ENAMETOOLONG, $"device name '{name}' is too long: 15 characters at most, set a shorter tun_name");
        }

        // The kernel takes '%' for a pattern to number devices by; the others it refuses.
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().IndexOfAny("/:%\0") >= 0 || name.Any(char.IsWhiteSpace))
        {
            throw new LinuxException(
                "TUNSETIFF", Errno.EINVAL, $"'{name}' cannot name a device: no spaces, '/', ':' or '%' in tun_name");
        }
    }

    private static LinuxException CannotOpenCloneDevice(Errno error) => new($"open {CloneDevice}", error, error switch
    {
        Errno.ENOENT => $"this machine has no {CloneDevice}: sudo mkdir -p /dev/net && sudo mknod -m 666 {CloneDevice} c 10 200, "
            + $"or start the container with --device {CloneDevice}",
        Errno.ENODEV or Errno.ENXIO => "the kernel has no TUN driver: sudo modprobe tun",
        Errno.EACCES or Errno.EPERM => $"{CloneDevice} is not open to user {EffectiveUser.Id}: run as root (sudo), "
            + $"or sudo chmod 666 {CloneDevice}; in a container --device {CloneDevice}",
        _ => $"cannot open {CloneDevice}",
    });

    private static LinuxException CannotAttach(string name, Errno error) => new($"TUNSETIFF {name}", error, error switch
    {
        Errno.EPERM or Errno.EACCES when ProcessCapabilities.Has(Capability.NetAdmin) =>
            $"device {name} belongs to another user or the system forbids TUN devices here (user namespace, security module)",
        Errno.EPERM or Errno.EACCES => $"creating device {name} needs CAP_NET_ADMIN: run as root (sudo), "
            + "or sudo setcap cap_net_admin+ep on the program, "
            + $"or make a persistent device: sudo ip tuntap add dev {name} mode tun user USER",
        Errno.EBUSY => $"device {name} is in use by another process: stop it, or set another tun_name",
        Errno.EINVAL => $"{name} exists and is no single-queue TUN device: ip -details link show {name}; set another tun_name",
        _ => $"cannot create device {name}",
    });

    private LinuxException Vanished(string call, Errno error) => new($"{call} {Name}", error, error switch
    {
        Errno.EBADFD or Errno.ENODEV => $"device {Name} was removed while in use",
        _ => $"device {Name} failed",
    });
}
