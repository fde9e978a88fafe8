using NatT.Esp.Wire;

namespace NatT.Esp.Policies;

/// <summary>Addresses that no packet on a network may come from or go to (RFC 1812 §5.3.7, RFC 4291 §2.5).</summary>
public static class Martian
{
    /// <summary>::ffff:0:0/96, which parsing would turn into an IPv4 prefix.</summary>
    private static readonly IpPrefix IPv4Mapped = new(new IpAddress((UInt128)0xFFFF << 32, IsIPv6: true), 96);

    private static readonly IpPrefix[] NeverSource =
    [
        IpPrefix.Parse("0.0.0.0/8"), IpPrefix.Parse("127.0.0.0/8"), IpPrefix.Parse("224.0.0.0/4"), IpPrefix.Parse("240.0.0.0/4"),
        IpPrefix.Parse("::/96"), IPv4Mapped, IpPrefix.Parse("ff00::/8"),
    ];

    private static readonly IpPrefix[] NeverDestination =
    [
        IpPrefix.Parse("0.0.0.0/8"), IpPrefix.Parse("127.0.0.0/8"), IpPrefix.Parse("240.0.0.0/4"),
        IpPrefix.Parse("::/96"), IPv4Mapped,
    ];

    public static bool IsSource(IpAddress address) => IsIn(NeverSource, address);

    public static bool IsDestination(IpAddress address) => IsIn(NeverDestination, address);

    private static bool IsIn(IpPrefix[] prefixes, IpAddress address)
    {
        foreach (ref readonly IpPrefix prefix in prefixes.AsSpan())
        {
            if (prefix.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
