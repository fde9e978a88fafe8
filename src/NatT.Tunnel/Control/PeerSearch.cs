using NatT.Tunnel.Configuration;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Control;

/// <summary>Finds the peers that an operator names.</summary>
internal static class PeerSearch
{
    /// <summary>An error names so many peers; of more, only the nearest.</summary>
    private const int MostNamed = 8;

    /// <summary>Null, or what is wrong with the names.</summary>
    /// <param name="peers">All there are.</param>
    /// <param name="names">As status shows them; null: all.</param>
    /// <param name="found">In the order of the names, each once.</param>
    public static string? Find(IReadOnlyList<Peer> peers, IReadOnlyList<string?>? names, out IReadOnlyList<Peer> found)
    {
        found = peers;
        if (names is null)
        {
            return null;
        }

        Dictionary<string, Peer> byName = peers.ToDictionary(peer => peer.Name);
        found = [.. names.Distinct().Select(name => byName.GetValueOrDefault(name ?? "")).OfType<Peer>()];
        int unknown = names.TakeWhile(name => byName.ContainsKey(name ?? "")).Count();
        return unknown == names.Count ? null : Explain(names[unknown] ?? "", [.. peers.Select(peer => peer.Name)]);
    }

    private static string Explain(string unknown, string[] known) => known.Length <= MostNamed
        ? $"no peer is called '{unknown}', there {(known.Length == 1 ? "is" : "are")} {string.Join(", ", known)}"
        : $"no peer is called '{unknown}', the nearest of {known.Length} is {known.MinBy(name => EditDistance.Between(unknown, name))}";
}
