using System.Runtime.InteropServices;
using NatT.Esp.Wire;
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
            || !TryGetLink(LinkRequest(index), out NetlinkAttributes link, out _)
            || link.FindString(IFLA_IFNAME) is not string name)
        {
            return null;
        }

        return new RouteEntry(route.DestinationLength, name, route.Type == RTN_LOCAL);
    }
}
