using System.Runtime.CompilerServices;
using NatT.Linux.Interop;
using static NatT.Linux.Netlink.RouteNumbers;

namespace NatT.Linux;

/// <summary>
/// The kernel's notices that links, addresses, routes or the rules among them changed, in the network namespace it was opened
/// in. One thread; not locked.
/// </summary>
public sealed class NetworkNotices : IDisposable
{
    // Addresses too: with them go routes, of which the kernel tells nothing.
    private const uint Groups = RTMGRP_LINK
        | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV4_RULE
        | RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE | RTMGRP_IPV6_RULE | RTMGRP_NEXTHOP;

    /// <summary>So many notices are thrown away in one go; the rest are for the next.</summary>
    private const int MostAtOnce = 1024;

    private readonly Descriptor _socket;

    // A notice is cut to this: that it came is all we want to know.
    private readonly byte[] _notice = new byte[16];

    /// <exception cref="LinuxException">The kernel does not tell.</exception>
    public NetworkNotices()
    {
        _socket = new Descriptor(Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, Libc.NETLINK_ROUTE));
        var address = new NetlinkAddress { Family = Libc.AF_NETLINK, Groups = Groups };
        if (_socket.IsInvalid || Libc.bind(_socket, in address, (uint)Unsafe.SizeOf<NetlinkAddress>()) < 0)
        {
            LinuxException failure = LinuxException.FromLastError("bind NETLINK_ROUTE", "the kernel does not tell when links and routes change");
            _socket.Dispose();
            throw failure;
        }
    }

    /// <summary>Whether anything changed since the last call; does not wait.</summary>
    public bool TakeAny()
    {
        for (int taken = 0; taken < MostAtOnce; taken++)
        {
            if (Libc.recv(_socket, ref _notice[0], (nuint)_notice.Length, Libc.MSG_DONTWAIT) >= 0)
            {
                continue;
            }

            switch (Libc.LastError)
            {
                case Errno.EAGAIN:
                    return taken > 0;
                case Errno.ENOBUFS or Errno.EINTR:
                    // More came than found room: what they were is lost, not that there were some.
                    continue;
                default:
                    throw LinuxException.FromLastError("recv NETLINK_ROUTE", "the kernel no longer tells when links and routes change");
            }
        }

        return true;
    }

    public void Dispose() => _socket.Dispose();
}
