using NatT.Crypto;
using NatT.Esp.Wire;
using NatT.Linux;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;

namespace NatT.Cli;

/// <summary>What the size of a peer's packets depends on.</summary>
/// <param name="Address">The peer's outer address, as far as it is known.</param>
/// <param name="Interface">The outer interface we are bound to, or null.</param>
/// <param name="IsIPv6">Whether the outer header is, or may be, IPv6.</param>
/// <param name="MarkerSize">Octets of the non-IKE marker where it is, or may be, in use.</param>
/// <param name="Suite">What seals its packets.</param>
/// <param name="IcvSize">Octets.</param>
/// <param name="OmittedHeaderSize">Octets of inner header that are not sealed.</param>
internal readonly record struct PeerPath(
    IpAddress? Address, string? Interface, bool IsIPv6, int MarkerSize, CipherSuite Suite, int IcvSize, int OmittedHeaderSize = 0)
{
    private const int UsualMtu = 1500;

    public static PeerPath Of(ProcessConf process, PeerConf conf, OuterEndpoint? endpoint) => new(
        endpoint?.Address,
        process.OuterInterface,

        // Where the peer may turn out to be is unknown, so the longer header is assumed.
        (endpoint?.Address ?? process.BindAddress)?.IsIPv6 ?? true,
        UdpEncapsulation.MarkerSize(conf.Framing ?? UdpFraming.NonIke),
        conf.Suite,
        conf.IcvBits / 8,
        conf.OmittedHeaderSize);

    /// <summary>The largest inner packet that fits, and the route that says so, where there is one.</summary>
    public (InnerMtu Mtu, OuterRoute? Route) Measure(RouteNetlink netlink)
    {
        OuterRoute? route = Address is IpAddress known ? netlink.FindOuterRoute(known, Interface) : null;
        int? outerMtu = route?.Mtu ?? (Interface is string name ? netlink.LinkMtu(name) : null);
        var mtu = new InnerMtu(outerMtu ?? UsualMtu, IsIPv6, MarkerSize, Suite, IcvSize) { OmittedHeaderSize = OmittedHeaderSize };
        return (mtu, route);
    }
}
