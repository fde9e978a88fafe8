using System.Globalization;
using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Configuration;

/// <summary>One item of <c>local_private_ip</c> or <c>remote_private_ip</c>.</summary>
/// <param name="Address">As written; of a network, its lowest.</param>
/// <param name="Range">What the selector takes from it.</param>
internal readonly record struct InnerRange(IpAddress Address, IpPrefix Range)
{
    /// <summary>Whether it names a host: a bare address, or one with host bits behind its prefix.</summary>
    public bool HasHost => Range.IsHost || Address != Range.Network;

    public override string ToString() => Range.IsHost ? $"{Address}" : $"{Address}/{Range.Length}";

    /// <returns>What is wrong, or null.</returns>
    public static string? TryParse(string text, out InnerRange range)
    {
        range = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!AddressKinds.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out IpAddress address))
        {
            return $"{ConfLine.Quote(text)} is neither an address nor a network, write it like 10.1.0.1, 10.1.0.1/24 or fd00::/64";
        }

        int length = address.BitLength;
        if (slash >= 0 && (!TryParseLength(text.AsSpan(slash + 1), out length) || length > address.BitLength))
        {
            return $"{ConfLine.Quote(text)} has no valid prefix length, write one from 0 to {address.BitLength} behind the slash";
        }

        range = new InnerRange(address, new IpPrefix(address, length));
        return range.WhyUnusable() is { } why ? $"{range} is {why}, write the addresses of hosts inside the tunnel" : null;
    }

    private static bool TryParseLength(ReadOnlySpan<char> text, out int length) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length) && (text.Length == 1 || text[0] != '0');

    private string? WhyUnusable()
    {
        if (AddressKinds.IsLoopback(Range))
        {
            return "a loopback address";
        }

        // 0.0.0.0/0 and other networks wider than the special ranges are fine, a host in one is not.
        if (AddressKinds.WhyNotUnicast(HasHost ? IpPrefix.Host(Address) : Range) is { } why)
        {
            return why;
        }

        return IsBroadcast ? $"the broadcast address of {Range}" : null;
    }

    // RFC 3021: a /31 has none.
    private bool IsBroadcast =>
        !Address.IsIPv6 && Range.Length < 31 && Address.Bits == (Range.Network.Bits | (uint.MaxValue >> Range.Length));
}
