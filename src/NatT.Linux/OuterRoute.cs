namespace NatT.Linux;

/// <summary>The way by which datagrams to a peer leave this machine.</summary>
/// <param name="InterfaceName">The outer interface.</param>
/// <param name="LinkMtu">Its MTU in octets.</param>
/// <param name="RouteMtu">The MTU that the route itself sets, or null.</param>
public readonly record struct OuterRoute(string InterfaceName, int LinkMtu, int? RouteMtu)
{
    /// <summary>The largest outer IP packet in octets, as far as this machine knows.</summary>
    public int Mtu => Math.Min(LinkMtu, RouteMtu ?? int.MaxValue);
}
