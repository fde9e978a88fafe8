using System.Globalization;
using NatT.Esp.Wire;

namespace NatT.Esp.Policies;

/// <summary>An address range written as address/length; the bits below the length are zero.</summary>
public readonly record struct IpPrefix
{
    /// <summary>The prefix of <paramref name="length"/> bits that contains <paramref name="address"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Longer than the family's addresses.</exception>
    public IpPrefix(IpAddress address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.BitLength);
        Length = length;
        Mask = length == 0 ? 0 : UInt128.MaxValue << (address.BitLength - length);
        if (!address.IsIPv6)
        {
            Mask &= uint.MaxValue;
        }

        Network = address with { Bits = address.Bits & Mask };
    }

    public IpAddress Network { get; }

    /// <summary>0 to 32 or 0 to 128.</summary>
    public int Length { get; }

    /// <summary>The bits that <see cref="Network"/> may have; of IPv4, the low 32 are used.</summary>
    public UInt128 Mask { get; }

    /// <summary>Whether the prefix names a single address.</summary>
    public bool IsHost => Length == Network.BitLength;

    public static IpPrefix Host(IpAddress address) => new(address, address.BitLength);

    public static IpPrefix Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? Host(IpAddress.Parse(text))
            : new IpPrefix(
                IpAddress.Parse(text.AsSpan(0, slash)),
                int.Parse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture));
    }

    public bool Contains(IpAddress address) =>
        address.IsIPv6 == Network.IsIPv6 && (address.Bits & Mask) == Network.Bits;

    public bool Overlaps(IpPrefix other) => Contains(other.Network) || other.Contains(Network);

    public override string ToString() => $"{Network}/{Length}";
}
