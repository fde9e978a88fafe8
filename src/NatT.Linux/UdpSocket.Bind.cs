using System.Text;
using NatT.Esp.Wire;
using NatT.Linux.Interop;
using NatT.Tunnel.DataPath;

namespace NatT.Linux;

/// <content>Opening the socket.</content>
public sealed partial class UdpSocket
{
    /// <summary>A burst at several Gbit/s fits while the receiving thread is descheduled.</summary>
    private const int BufferSize = 8 << 20;

    private const uint SizeOfInt = sizeof(int);

    /// <summary>Binds a socket.</summary>
    /// <param name="address">Null: any address, of both families where the machine has both.</param>
    /// <param name="port">0: the kernel chooses; see <see cref="LocalEndpoint"/>.</param>
    /// <param name="interfaceName">The only interface to send and receive on; null: any.</param>
    /// <param name="offloads">Whether to move runs of datagrams in one piece where the kernel can.</param>
    /// <param name="degraded">Told once about each offload that the kernel takes back at run time; any sending thread.</param>
    /// <exception cref="LinuxException">It cannot be bound; the message says what to do.</exception>
    public static UdpSocket Bind(
        IpAddress? address, ushort port, string? interfaceName, bool offloads = true, Action<string>? degraded = null)
    {
        ushort family = address is { IsIPv6: false } ? Libc.AF_INET : Libc.AF_INET6;
        Descriptor socket = OpenSocket(family);
        if (socket.IsInvalid && address is null && Libc.LastError == Errno.EAFNOSUPPORT)
        {
            family = Libc.AF_INET;
            socket = OpenSocket(family);
        }

        if (socket.IsInvalid)
        {
            throw LinuxException.FromLastError("socket", $"cannot open a UDP socket for {address?.ToString() ?? "any address"}");
        }

        try
        {
            SetOptions(socket, family, isDualStack: address is null);
            var wanted = new OuterEndpoint(address ?? new IpAddress(0, IsIPv6: family == Libc.AF_INET6), port);
            if (interfaceName is not null)
            {
                BindToInterface(socket, interfaceName);

                // A link-local address is one only on its link.
                wanted = wanted with { Scope = ScopeOf(interfaceName) };
            }

            // Kernels without either option (before 5.0, gVisor) move datagrams one by one.
            bool isSegmenting = offloads && TrySet(socket, Libc.SOL_UDP, Libc.UDP_SEGMENT, 0);
            if (offloads)
            {
                TrySet(socket, Libc.SOL_UDP, Libc.UDP_GRO, 1);
            }

            return new UdpSocket(socket, family, BindTo(socket, family, wanted), isSegmenting, degraded ?? (_ => { }));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Descriptor OpenSocket(ushort family) =>
        new(Libc.socket(family, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, protocol: 0));

    private static void SetOptions(Descriptor socket, ushort family, bool isDualStack)
    {
        if (family == Libc.AF_INET6)
        {
            if (isDualStack && !TrySet(socket, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, 0))
            {
                throw LinuxException.FromLastError("IPV6_V6ONLY", "cannot have one socket for IPv4 and IPv6: set ori_local_public_ip");
            }

            TrySet(socket, Libc.IPPROTO_IPV6, Libc.IPV6_MTU_DISCOVER, Libc.IPV6_PMTUDISC_PROBE);
            TrySet(socket, Libc.IPPROTO_IPV6, Libc.IPV6_RECVTCLASS, 1);
        }

        // IPv4's options rule the IPv4-mapped traffic of an IPv6 socket. PROBE sets DF and ignores what ICMP claims
        // about the path: the tunnel finds out by authenticated probes. Kernels without these options (gVisor) have
        // no traffic class and may fragment, which slows the tunnel but does not break it.
        TrySet(socket, Libc.IPPROTO_IP, Libc.IP_MTU_DISCOVER, Libc.IP_PMTUDISC_PROBE);
        TrySet(socket, Libc.IPPROTO_IP, Libc.IP_RECVTOS, 1);

        // FORCE passes the administrator's limit and needs CAP_NET_ADMIN.
        if (!TrySet(socket, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, BufferSize))
        {
            TrySet(socket, Libc.SOL_SOCKET, Libc.SO_RCVBUF, BufferSize);
        }

        if (!TrySet(socket, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, BufferSize))
        {
            TrySet(socket, Libc.SOL_SOCKET, Libc.SO_SNDBUF, BufferSize);
        }
    }

    private static bool TrySet(Descriptor socket, int level, int option, int value) =>
        Libc.setsockopt(socket, level, option, in value, SizeOfInt) == 0;

    private static void BindToInterface(Descriptor socket, string interfaceName)
    {
        byte[] name = Encoding.UTF8.GetBytes(interfaceName + '\0');
        if (Libc.setsockopt(socket, Libc.SOL_SOCKET, Libc.SO_BINDTODEVICE, in name[0], (uint)name.Length) == 0)
        {
            return;
        }

        Errno error = Libc.LastError;
        throw new LinuxException($"SO_BINDTODEVICE {interfaceName}", error, error switch
        {
            Errno.ENODEV or Errno.EINVAL => $"this machine has no interface {interfaceName}: ip link lists them; set local_default_if",
            Errno.EPERM => $"binding to interface {interfaceName} needs CAP_NET_RAW on this kernel: run as root, or leave local_default_if out",
            _ => $"cannot bind to interface {interfaceName}",
        });
    }

    private static uint ScopeOf(string interfaceName)
    {
        using var netlink = new RouteNetlink();
        return (uint)(netlink.LinkIndex(interfaceName) ?? 0);
    }

    /// <summary>Binds and returns what was bound to.</summary>
    private static OuterEndpoint BindTo(Descriptor socket, ushort family, OuterEndpoint wanted)
    {
        SocketAddress address = default;
        uint length = address.Set(wanted, family);
        if (Libc.bind(socket, in address, length) < 0)
        {
            throw CannotBind(wanted, Libc.LastError);
        }

        length = SocketAddress.Size;
        if (Libc.getsockname(socket, ref address, ref length) < 0)
        {
            throw LinuxException.FromLastError("getsockname", "cannot read the bound address");
        }

        return address.ToEndpoint();
    }

    private static LinuxException CannotBind(OuterEndpoint wanted, Errno error) => new($"bind {wanted}", error, error switch
    {
        Errno.EADDRINUSE => $"UDP port {wanted.Port} is in use: ss -lunp 'sport = :{wanted.Port}' tells by whom; "
            + "stop that, or set another ori_local_port",
        Errno.EADDRNOTAVAIL => $"{wanted.Address} is not an address of this machine: ip address lists them; "
            + "correct ori_local_public_ip, or leave it empty for any",
        Errno.EACCES => $"UDP port {wanted.Port} is below 1024 and needs CAP_NET_BIND_SERVICE: run as root, or set a higher ori_local_port",
        Errno.EINVAL when wanted.Address.IsIPv6 => $"{wanted.Address} is link-local: name its interface in local_default_if",
        _ => $"cannot bind UDP {wanted}",
    });
}
