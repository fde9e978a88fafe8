using System.Collections.Frozen;
using NatT.Esp.Wire;

namespace NatT.Esp.Policies;

/// <summary>
/// Values under prefixes, found by address from the longest prefix to the shortest. A look-up takes one dictionary access
/// for each prefix length in use, however many prefixes there are, and allocates nothing. Immutable.
/// </summary>
public sealed class PrefixTable<TValue>
    where TValue : class
{
    private readonly Level[] _ipv4;
    private readonly Level[] _ipv6;

    /// <param name="values">No prefix twice.</param>
    public PrefixTable(IReadOnlyDictionary<IpPrefix, TValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        _ipv4 = LevelsOf(values.Where(entry => !entry.Key.Network.IsIPv6));
        _ipv6 = LevelsOf(values.Where(entry => entry.Key.Network.IsIPv6));
    }

    /// <summary>Goes on to the next shorter prefix that holds <paramref name="address"/>; null where there are no more.</summary>
    /// <param name="address">Looked for.</param>
    /// <param name="position">0 to begin with; where to go on, afterwards.</param>
    public TValue? Next(IpAddress address, ref int position)
    {
        Level[] levels = address.IsIPv6 ? _ipv6 : _ipv4;
        while ((uint)position < (uint)levels.Length)
        {
            ref readonly Level level = ref levels[position++];
            if (level.Values.TryGetValue(address.Bits & level.Mask, out TValue? value))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The value under the longest prefix that holds <paramref name="address"/>, or null.</summary>
    public TValue? Find(IpAddress address)
    {
        int position = 0;
        return Next(address, ref position);
    }

    private static Level[] LevelsOf(IEnumerable<KeyValuePair<IpPrefix, TValue>> values) =>
    [
        .. values
            .GroupBy(entry => entry.Key.Length)
            .OrderByDescending(group => group.Key)
            .Select(group => new Level(
                group.First().Key.Mask,
                group.ToFrozenDictionary(entry => entry.Key.Network.Bits, entry => entry.Value))),
    ];

    /// <summary>All prefixes of one length.</summary>
    private readonly record struct Level(UInt128 Mask, FrozenDictionary<UInt128, TValue> Values);
}
