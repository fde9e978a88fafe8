using System.Globalization;
using NatT.Esp;

namespace NatT.Tunnel.Control;

/// <summary>Tells what was dropped since it was last asked, reason by reason.</summary>
/// <param name="counters">Of all paths and peers.</param>
public sealed class DropSummary(IReadOnlyList<PathCounters> counters)
{
    private static readonly DropReason[] Reasons = Enum.GetValues<DropReason>();

    private readonly long[] _reported = new long[Reasons.Length];
    private IReadOnlyList<PathCounters> _counters = counters;

    /// <summary>There are other peers from now on; what those that left dropped unsaid is said with the next line.</summary>
    /// <param name="now">Of all paths and peers.</param>
    public void Follow(IReadOnlyList<PathCounters> now)
    {
        ArgumentNullException.ThrowIfNull(now);
        PathCounters[] gone = [.. _counters.Except(now)];
        foreach (DropReason reason in Reasons)
        {
            _reported[(int)reason] -= gone.Sum(c => c.Drops(reason));
        }

        _counters = now;
    }

    /// <summary>For example <c>12 Replayed, 3 UnknownSpi</c>; null where nothing was dropped.</summary>
    public string? TakeNew()
    {
        var parts = new List<string>();
        foreach (DropReason reason in Reasons)
        {
            long total = _counters.Sum(c => c.Drops(reason));
            long fresh = total - _reported[(int)reason];
            _reported[(int)reason] = total;
            if (fresh > 0)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{fresh} {reason}"));
            }
        }

        return parts.Count == 0 ? null : string.Join(", ", parts);
    }
}
