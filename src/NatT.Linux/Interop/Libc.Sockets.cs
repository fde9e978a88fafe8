using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <content>Sockets: UDP and netlink.</content>
internal static partial class Libc
{
    public const ushort AF_UNIX = 1;
    public const ushort AF_INET = 2;
    public const ushort AF_INET6 = 10;
    public const ushort AF_NETLINK = 16;

    public const int SOCK_DGRAM = 2;
    public const int SOCK_RAW = 3;
    public const int SOCK_SEQPACKET = 5;
    public const int SOCK_CLOEXEC = O_CLOEXEC;

    public const int MSG_TRUNC = 0x20;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;

    public const int SOL_SOCKET = 1;
    public const int SO_SNDBUF = 7;
    public const int SO_RCVBUF = 8;
    public const int SO_BINDTODEVICE = 25;
    public const int SO_SNDBUFFORCE = 32;
    public const int SO_RCVBUFFORCE = 33;
    public const int SO_MEMINFO = 55;

    public const int IPPROTO_IP = 0;
    public const int IP_TOS = 1;
    public const int IP_MTU_DISCOVER = 10;
    public const int IP_RECVTOS = 13;
    public const int IP_PMTUDISC_PROBE = 3;

    public const int IPPROTO_IPV6 = 41;
    public const int IPV6_MTU_DISCOVER = 23;
    public const int IPV6_V6ONLY = 26;
    public const int IPV6_RECVTCLASS = 66;
    public const int IPV6_TCLASS = 67;
    public const int IPV6_PMTUDISC_PROBE = 3;

    public const int SOL_UDP = 17;
    public const int UDP_SEGMENT = 103;
    public const int UDP_GRO = 104;

    public const int NETLINK_ROUTE = 0;
    public const int SOL_NETLINK = 270;
    public const int NETLINK_CAP_ACK = 10;
    public const int NETLINK_EXT_ACK = 11;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int socket(int family, int type, int protocol);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int socketpair(int family, int type, int protocol, ref int pair);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bind(Descriptor socket, ref readonly SocketAddress address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bind(Descriptor socket, ref readonly NetlinkAddress address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getsockname(Descriptor socket, ref SocketAddress address, ref uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setsockopt(Descriptor socket, int level, int option, ref readonly int value, uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setsockopt(Descriptor socket, int level, int option, ref readonly byte value, uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getsockopt(Descriptor socket, int level, int option, ref SocketMemory value, ref uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint send(Descriptor socket, ref readonly byte buffer, nuint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint recv(Descriptor socket, ref byte buffer, nuint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int recvmmsg(Descriptor socket, ref Message messages, uint count, int flags, nint timeout);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int sendmmsg(Descriptor socket, ref Message messages, uint count, int flags);
}
