using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Linux.Interop;
using NatT.Linux.Netlink;
using static NatT.Linux.Netlink.RouteNumbers;

namespace NatT.Linux;

/// <summary>
/// Links, addresses and routes of the network namespace it was opened in, by rtnetlink(7). One thread; not locked.
/// What it adds to a device vanishes with the device.
/// </summary>
public sealed partial class RouteNetlink : IDisposable
{
    private const ushort Get = NLM_F_REQUEST;
    private const ushort Set = NLM_F_REQUEST | NLM_F_ACK;
    private const ushort Create = Set | NLM_F_CREATE | NLM_F_EXCL;

    private const string IPv6On = "sudo sysctl -w net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0";

    private readonly NetlinkSocket _socket = new();

    /// <param name="index">The interface's.</param>
    /// <param name="mtu">Octets.</param>
    public void SetMtu(int index, int mtu)
    {
        NetlinkRequest request = LinkRequest(RTM_NEWLINK, Set, new InterfaceInfoMessage { Index = index });
        request.Attribute(IFLA_MTU, (uint)mtu);
        Execute(request, "RTM_NEWLINK", _ => $"cannot set an MTU of {mtu} on interface {index}");
    }

    /// <summary>Sets how many packets wait for a device; returns whether the kernel did.</summary>
    public bool SetQueueLength(int index, int packets)
    {
        NetlinkRequest request = LinkRequest(RTM_NEWLINK, Set, new InterfaceInfoMessage { Index = index });
        request.Attribute(IFLA_TXQLEN, (uint)packets);
        return _socket.Exchange(request, out _, out _) == Errno.None;
    }

    public void SetUp(int index)
    {
        NetlinkRequest request = LinkRequest(
            RTM_NEWLINK, Set, new InterfaceInfoMessage { Index = index, Flags = IFF_UP, ChangeMask = IFF_UP });
        Execute(request, "RTM_NEWLINK", _ => $"cannot set interface {index} up");
    }

    /// <summary>Keeps the kernel from inventing a link-local IPv6 address; returns whether it could be told (4.11 on, with IPv6).</summary>
    public bool DisableAddressGeneration(int index)
    {
        NetlinkRequest request = LinkRequest(RTM_NEWLINK, Set, new InterfaceInfoMessage { Index = index });
        int families = request.BeginNested(IFLA_AF_SPEC);
        int ipv6 = request.BeginNested(Libc.AF_INET6);
        request.Attribute(IFLA_INET6_ADDR_GEN_MODE, [IN6_ADDR_GEN_MODE_NONE]);
        request.EndNested(ipv6);
        request.EndNested(families);
        return _socket.Exchange(request, out _, out _) == Errno.None;
    }

    /// <summary>Adds an address without the route to its prefix, ready at once (no duplicate detection: nobody else is on the link).</summary>
    public void AddAddress(int index, IpAddress address, int prefixLength)
    {
        NetlinkRequest request = AddressRequest(RTM_NEWADDR, Create, index, address, prefixLength);
        request.Attribute(IFA_FLAGS, IFA_F_NOPREFIXROUTE | (address.IsIPv6 ? IFA_F_NODAD : 0));
        Execute(request, "RTM_NEWADDR", error => error switch
        {
            Errno.EEXIST => $"the device has the address {address} already",
            Errno.EACCES or Errno.EAFNOSUPPORT or Errno.EOPNOTSUPP when address.IsIPv6 =>
                $"IPv6 is off on this machine, so {address} cannot be used: {IPv6On}, or leave IPv6 out of local_private_ip",
            Errno.EINVAL or Errno.ENODEV or Errno.ENOBUFS when address.IsIPv6 =>
                $"the device does not take {address}/{prefixLength}: IPv6 needs an MTU of 1280 at least",
            _ => $"cannot add the address {address}/{prefixLength}",
        });
    }

    /// <summary>Takes an address away, unless that was done before.</summary>
    public void RemoveAddress(int index, IpAddress address, int prefixLength) => Execute(
        AddressRequest(RTM_DELADDR, Set, index, address, prefixLength),
        "RTM_DELADDR",
        _ => $"cannot take the address {address}/{prefixLength} away",
        unless: Errno.EADDRNOTAVAIL);

    /// <summary>Routes a prefix into a device.</summary>
    public void AddRoute(int index, IpPrefix prefix)
    {
        string family = prefix.Network.IsIPv6 ? "-6 " : "";
        Execute(RouteRequest(RTM_NEWROUTE, Create, index, prefix), "RTM_NEWROUTE", error => error switch
        {
            Errno.EEXIST => $"a route to {prefix} exists already: ip {family}route show {prefix}; remove it, or correct remote_private_ip",
            Errno.ENETDOWN => $"cannot route {prefix}: the device is down",
            Errno.EACCES or Errno.EAFNOSUPPORT or Errno.EOPNOTSUPP or Errno.ENODEV when prefix.Network.IsIPv6 =>
                $"IPv6 is off on this machine, so {prefix} cannot be routed: {IPv6On}, or leave IPv6 out of remote_private_ip",
            _ => $"cannot route {prefix} into interface {index}",
        });
    }

    /// <summary>Takes a route into a device away, unless that was done before.</summary>
    public void RemoveRoute(int index, IpPrefix prefix) => Execute(
        RouteRequest(RTM_DELROUTE, Set, index, prefix), "RTM_DELROUTE", _ => $"cannot take the route to {prefix} away", unless: Errno.ESRCH);

    /// <summary>The way to a destination, or null where there is none.</summary>
    /// <param name="destination">A peer's outer address.</param>
    /// <param name="outerInterface">The interface the socket is bound to, or null.</param>
    public OuterRoute? FindOuterRoute(IpAddress destination, string? outerInterface)
    {
        int? boundIndex = null;
        if (outerInterface is not null && (boundIndex = LinkIndex(outerInterface)) is null)
        {
            return null;
        }

        if (!TryGetRoute(destination, boundIndex, flags: 0, out _, out NetlinkAttributes resolved)
            || resolved.FindInt32(RTA_OIF) is not int index)
        {
            return null;
        }

        int? routeMtu = resolved.Nested(RTA_METRICS).FindInt32(RTAX_MTU);

        // The entry as configured, where the kernel can show it (4.13 on): the resolved one has the MTU that ICMP claimed.
        if (TryGetRoute(destination, boundIndex, RTM_F_FIB_MATCH, out _, out NetlinkAttributes configured))
        {
            routeMtu = configured.Nested(RTA_METRICS).FindInt32(RTAX_MTU);
        }

        return TryGetLink(LinkRequest(index), out NetlinkAttributes attributes, out _)
            && attributes.FindString(IFLA_IFNAME) is { } name
            && attributes.FindInt32(IFLA_MTU) is int linkMtu
            ? new OuterRoute(name, linkMtu, routeMtu)
            : null;
    }

    /// <summary>The interface's MTU in octets, or null where there is no such interface.</summary>
    public int? LinkMtu(string name) =>
        TryGetLink(LinkRequest(name), out NetlinkAttributes attributes, out _) ? attributes.FindInt32(IFLA_MTU) : null;

    /// <summary>The interface's index, or null where there is no such interface.</summary>
    public int? LinkIndex(string name) => TryGetLink(LinkRequest(name), out _, out int index) ? index : null;

    public void Dispose() => _socket.Dispose();

    private static NetlinkRequest LinkRequest(string name)
    {
        NetlinkRequest request = LinkRequest(RTM_GETLINK, Get, default);
        request.Attribute(IFLA_IFNAME, Encoding.UTF8.GetBytes(name + '\0'));
        return request;
    }

    private static NetlinkRequest LinkRequest(int index) => LinkRequest(RTM_GETLINK, Get, new InterfaceInfoMessage { Index = index });

    private static NetlinkRequest LinkRequest(ushort type, ushort flags, InterfaceInfoMessage link)
    {
        var request = new NetlinkRequest(type, flags);
        request.Append(link);
        return request;
    }

    private static NetlinkRequest AddressRequest(ushort type, ushort flags, int index, IpAddress address, int prefixLength)
    {
        var request = new NetlinkRequest(type, flags);
        request.Append(new InterfaceAddressMessage
        {
            Family = (byte)FamilyOf(address),
            PrefixLength = (byte)prefixLength,
            Scope = RT_SCOPE_UNIVERSE,
            Index = index,
        });
        ReadOnlySpan<byte> octets = OctetsOf(address, stackalloc byte[16]);
        request.Attribute(IFA_LOCAL, octets);
        request.Attribute(IFA_ADDRESS, octets);
        return request;
    }

    private static NetlinkRequest RouteRequest(ushort type, ushort flags, int index, IpPrefix prefix)
    {
        var request = new NetlinkRequest(type, flags);
        request.Append(new RouteMessage
        {
            Family = (byte)FamilyOf(prefix.Network),
            DestinationLength = (byte)prefix.Length,
            Table = RT_TABLE_MAIN,
            Protocol = RTPROT_STATIC,
            Scope = prefix.Network.IsIPv6 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
            Type = RTN_UNICAST,
        });
        request.Attribute(RTA_DST, OctetsOf(prefix.Network, stackalloc byte[16]));
        request.Attribute(RTA_OIF, (uint)index);
        return request;
    }

    private bool TryGetLink(NetlinkRequest request, out NetlinkAttributes attributes, out int index)
    {
        attributes = default;
        index = 0;
        Errno error = _socket.Exchange(request, out ReadOnlySpan<byte> answer, out _);
        if (error is Errno.ENODEV or Errno.EINVAL or Errno.ERANGE)
        {
            return false;
        }

        ThrowUnlessNone(error, "RTM_GETLINK");
        index = MemoryMarshal.Read<InterfaceInfoMessage>(answer).Index;
        attributes = new NetlinkAttributes(answer[Unsafe.SizeOf<InterfaceInfoMessage>()..]);
        return true;
    }

    private bool TryGetRoute(
        IpAddress destination, int? interfaceIndex, uint flags, out RouteMessage route, out NetlinkAttributes attributes)
    {
        var request = new NetlinkRequest(RTM_GETROUTE, Get);
        request.Append(new RouteMessage
        {
            Family = (byte)FamilyOf(destination),
            DestinationLength = (byte)destination.BitLength,
            Flags = flags,
        });
        request.Attribute(RTA_DST, OctetsOf(destination, stackalloc byte[16]));
        if (interfaceIndex is int index)
        {
            request.Attribute(RTA_OIF, (uint)index);
        }

        // Whatever the error: there is no way to the destination that we could name (unreachable, prohibited, no such family).
        Errno error = _socket.Exchange(request, out ReadOnlySpan<byte> answer, out _);
        bool isRouted = error == Errno.None;
        route = isRouted ? MemoryMarshal.Read<RouteMessage>(answer) : default;
        attributes = isRouted ? new NetlinkAttributes(answer[Unsafe.SizeOf<RouteMessage>()..]) : default;
        return isRouted;
    }

    private void Execute(NetlinkRequest request, string call, Func<Errno, string> remedy, Errno unless = Errno.None)
    {
        Errno error = _socket.Exchange(request, out _, out string? explanation);
        if (error == Errno.None || error == unless)
        {
            return;
        }

        string line = error == Errno.EPERM ? remedy(error) + ": needs CAP_NET_ADMIN, run as root (sudo)" : remedy(error);
        throw new LinuxException(explanation is null ? call : $"{call}, \"{explanation}\"", error, line);
    }

    private static void ThrowUnlessNone(Errno error, string call)
    {
        if (error != Errno.None)
        {
            throw new LinuxException(call, error, "the kernel does not tell about its links");
        }
    }

    private static ushort FamilyOf(IpAddress address) => address.IsIPv6 ? Libc.AF_INET6 : Libc.AF_INET;

    private static ReadOnlySpan<byte> OctetsOf(IpAddress address, Span<byte> buffer) => buffer[..address.WriteTo(buffer)];
}
