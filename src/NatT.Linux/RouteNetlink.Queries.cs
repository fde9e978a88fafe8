using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Linux.Interop;
using NatT.Linux.Netlink;
using static NatT.Linux.Netlink.RouteNumbers;

namespace NatT.Linux;

/// <content>Questions about what others have set up.</content>
public sealed partial class RouteNetlink
{
    private const byte TunType = 1;

    /// <summary>Of <c>tx_dropped</c> in struct rtnl_link_stats64.</summary>
    private const int TransmitDropsOffset = 7 * sizeof(ulong);

    /// <summary>What the interface of that name is, or null where there is none.</summary>
    public LinkFacts? FindLink(string name)
    {
        if (!TryGetLink(LinkRequest(name), out NetlinkAttributes attributes, out _))
        {
            return null;
        }

        NetlinkAttributes info = attributes.Nested(IFLA_LINKINFO);
        NetlinkAttributes data = info.Nested(IFLA_INFO_DATA);

        // TAP devices are of the kind "tun" too; the data tells, from 4.20 on.
        bool isTun = info.FindString(IFLA_INFO_KIND) == "tun" && data.FindByte(IFLA_TUN_TYPE) is null or TunType;
        return new LinkFacts(isTun, data.FindByte(IFLA_TUN_PERSIST) is byte persists ? persists != 0 : null);
    }

    /// <summary>Packets that the interface dropped instead of passing them on, since it exists; null where it does not.</summary>
    public ulong? FindTransmitDrops(int index) =>
        TryGetLink(LinkRequest(index), out NetlinkAttributes attributes, out _)
        && attributes.TryGet(IFLA_STATS64, out ReadOnlySpan<byte> statistics)
        && statistics.Length >= TransmitDropsOffset + sizeof(ulong)
            ? MemoryMarshal.Read<ulong>(statistics[TransmitDropsOffset..])
            : null;

    /// <summary>The entry that rules packets to a destination; null where none does, or the kernel cannot show it (before 4.13).</summary>
    public RouteEntry? FindRouteEntry(IpAddress destination)
    {
        if (!TryGetRoute(destination, interfaceIndex: null, RTM_F_FIB_MATCH, out RouteMessage route, out NetlinkAttributes attributes)
            || (route.Flags & RTM_F_CLONED) != 0
            || attributes.FindInt32(RTA_OIF) is not int index
            || NameOf(index) is not string name)
        {
            return null;
        }

        return new RouteEntry(route.DestinationLength, name, route.Type == RTN_LOCAL);
    }

    /// <summary>All routes of one IP version, in whatever table, but those to this machine itself.</summary>
    public IReadOnlyList<KernelRoute> ListRoutes(bool isIPv6)
    {
        var request = new NetlinkRequest(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP);
        request.Append(new RouteMessage { Family = (byte)(isIPv6 ? Libc.AF_INET6 : Libc.AF_INET) });
        var found = new List<(KernelRoute Route, int? InterfaceIndex)>();
        Errno error = _socket.Dump(request, message =>
        {
            if (TryReadRoute(message, isIPv6, out KernelRoute route, out int? index))
            {
                found.Add((route, index));
            }
        });

        // Without IPv6 there are no routes of it.
        if (error is not Errno.EAFNOSUPPORT and not Errno.EOPNOTSUPP)
        {
            ThrowUnlessNone(error, "RTM_GETROUTE");
        }

        Dictionary<int, string?> names = found.Select(each => each.InterfaceIndex).OfType<int>().Distinct().ToDictionary(index => index, NameOf);
        return [.. found.Select(each => each.Route with { InterfaceName = each.InterfaceIndex is int index ? names[index] : null })];
    }

    private static bool TryReadRoute(ReadOnlySpan<byte> message, bool isIPv6, out KernelRoute route, out int? interfaceIndex)
    {
        RouteMessage header = MemoryMarshal.Read<RouteMessage>(message);
        var attributes = new NetlinkAttributes(message[Unsafe.SizeOf<RouteMessage>()..]);
        uint table = (uint?)attributes.FindInt32(RTA_TABLE) ?? header.Table;
        bool isDeadEnd = header.Type is >= RTN_BLACKHOLE and <= RTN_PROHIBIT;
        route = default;
        interfaceIndex = isDeadEnd ? null : attributes.FindInt32(RTA_OIF) ?? FirstHop(attributes);
        if ((header.Flags & RTM_F_CLONED) != 0 || table == RT_TABLE_LOCAL || (header.Type != RTN_UNICAST && !isDeadEnd))
        {
            return false;
        }

        IpAddress network = !attributes.TryGet(RTA_DST, out ReadOnlySpan<byte> octets) ? new IpAddress(0, isIPv6)
            : isIPv6 ? IpAddress.ReadIPv6(octets)
            : IpAddress.ReadIPv4(octets);
        var prefix = new IpPrefix(network, header.DestinationLength);
        route = new KernelRoute(prefix, null, header.Protocol == RTPROT_KERNEL, table == RT_TABLE_MAIN ? null : table);
        return true;
    }

    /// <summary>struct rtnexthop: length (2), flags (1), hops (1), interface (4).</summary>
    private static int? FirstHop(NetlinkAttributes attributes) =>
        attributes.TryGet(RTA_MULTIPATH, out ReadOnlySpan<byte> hops) && hops.Length >= 8 ? MemoryMarshal.Read<int>(hops[4..]) : null;

    private string? NameOf(int index) =>
        TryGetLink(LinkRequest(index), out NetlinkAttributes attributes, out _) ? attributes.FindString(IFLA_IFNAME) : null;
}
