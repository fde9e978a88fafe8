using System.Collections.Immutable;
using NatT.Esp.Policies;

namespace NatT.Tunnel.Configuration;

/// <summary>
/// Two confs between which no rule decides: they have the same remote prefix, so that the longest one is no answer, and
/// local prefixes that meet.
/// </summary>
/// <param name="Conf">The later one.</param>
/// <param name="First">The earlier one.</param>
/// <param name="Remote">What both have.</param>
/// <param name="Local">Where the two meet.</param>
internal readonly record struct SelectorOverlap(PeerConf Conf, PeerConf First, IpPrefix Remote, IpPrefix Local)
{
    /// <summary>One overlap at most for two files, in the order of the later one.</summary>
    public static IEnumerable<SelectorOverlap> Find(ImmutableArray<PeerConf> confs)
    {
        var found = new SortedDictionary<(int Conf, int First), SelectorOverlap>();
        IEnumerable<IGrouping<IpPrefix, int>> shared = Enumerable.Range(0, confs.Length)
            .SelectMany(index => confs[index].Selector.Remote, (index, remote) => (index, remote))
            .GroupBy(entry => entry.remote, entry => entry.index)
            .Where(group => group.Skip(1).Any());
        foreach (IGrouping<IpPrefix, int> group in shared)
        {
            foreach ((int conf, int first, IpPrefix local) in FindMeeting(confs, group.Key, group))
            {
                found.TryAdd((conf, first), new SelectorOverlap(confs[conf], confs[first], group.Key, local));
            }
        }

        return found.Values;
    }

    // Prefixes are disjoint or one holds the other. Sorted by network, the wider first, each one is behind all that hold it,
    // and comparing it with the outermost of them is enough.
    private static IEnumerable<(int Conf, int First, IpPrefix Local)> FindMeeting(
        ImmutableArray<PeerConf> confs, IpPrefix remote, IEnumerable<int> indices)
    {
        IEnumerable<(IpPrefix Prefix, int Index)> locals = indices
            .SelectMany(index => confs[index].Selector.Local, (index, prefix) => (Prefix: prefix, Index: index))
            .Where(local => local.Prefix.Network.IsIPv6 == remote.Network.IsIPv6)
            .OrderBy(local => local.Prefix.Network.Bits)
            .ThenBy(local => local.Prefix.Length)
            .ThenBy(local => local.Index);
        (IpPrefix Prefix, int Index)? outermost = null;
        foreach ((IpPrefix prefix, int index) in locals)
        {
            if (outermost is not { } outer || !outer.Prefix.Contains(prefix.Network))
            {
                outermost = (prefix, index);
            }
            else if (outer.Index != index)
            {
                yield return (Math.Max(index, outer.Index), Math.Min(index, outer.Index), prefix);
            }
        }
    }
}
