using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Configuration;

/// <summary>Tells addresses of single hosts from the special ones (RFC 6890).</summary>
internal static class AddressKinds
{
    private static readonly (IpPrefix Prefix, string Text)[] NotUnicast =
    [
        (IpPrefix.Parse("0.0.0.0/8"), "no host's address"),
        (IpPrefix.Parse("::/128"), "no host's address"),
        (IpPrefix.Parse("224.0.0.0/4"), "a multicast address"),
        (IpPrefix.Parse("ff00::/8"), "a multicast address"),
        (IpPrefix.Parse("240.0.0.0/4"), "a reserved address"),
    ];

    private static readonly IpPrefix[] Loopback = [IpPrefix.Parse("127.0.0.0/8"), IpPrefix.Parse("::1/128")];

    /// <summary>As <see cref="IpAddress.TryParse"/>, without the prefix length that .NET lets pass behind IPv6.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        return !text.Contains('/') && IpAddress.TryParse(text, out address);
    }

    /// <summary>What the address is instead of a host's, or null.</summary>
    public static string? WhyNotUnicast(IpAddress address) => WhyNotUnicast(IpPrefix.Host(address));

    /// <summary>What the whole range is instead of hosts' addresses, or null.</summary>
    public static string? WhyNotUnicast(IpPrefix range)
    {
        foreach ((IpPrefix prefix, string text) in NotUnicast)
        {
            if (Covers(prefix, range))
            {
                return text;
            }
        }

        return null;
    }

    public static bool IsLoopback(IpPrefix range) => Loopback.Any(prefix => Covers(prefix, range));

    private static bool Covers(IpPrefix outer, IpPrefix inner) => outer.Length <= inner.Length && outer.Contains(inner.Network);
}
