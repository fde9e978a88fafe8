using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Peers;

/// <summary>The peers that have one remote prefix: nearly always one; if more, the local prefixes of their selectors tell them apart.</summary>
internal sealed class PrefixPeers
{
    private readonly Peer? _only;
    private readonly IpPrefix[] _local = [];
    private readonly PrefixTable<Peer>? _byLocalPrefix;

    /// <param name="peers">In the order of their confs.</param>
    /// <param name="local">The local prefixes of a peer that is the only one.</param>
    public PrefixPeers(IReadOnlyList<Peer> peers, IpPrefix[] local)
    {
        if (peers.Count == 1)
        {
            _only = peers[0];
            _local = local;
            return;
        }

        var byLocalPrefix = new Dictionary<IpPrefix, Peer>();
        foreach (Peer peer in peers)
        {
            foreach (IpPrefix prefix in peer.Selector.Local)
            {
                byLocalPrefix.TryAdd(prefix, peer);
            }
        }

        _byLocalPrefix = new PrefixTable<Peer>(byLocalPrefix);
    }

    /// <summary>The peer to which packets from <paramref name="source"/> may go, or null.</summary>
    public Peer? Find(IpAddress source)
    {
        if (_byLocalPrefix is not null)
        {
            return _byLocalPrefix.Find(source);
        }

        foreach (ref readonly IpPrefix prefix in _local.AsSpan())
        {
            if (prefix.Contains(source))
            {
                return _only;
            }
        }

        return null;
    }
}
