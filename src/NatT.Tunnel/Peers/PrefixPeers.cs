using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Peers;

/// <summary>The peers that have one remote prefix: nearly always one; if more, the local prefixes of their selectors tell them apart.</summary>
internal sealed class PrefixPeers
{
    private readonly Peer? _only;
    private readonly PrefixTable<Peer>? _byLocalPrefix;

    /// <param name="peers">In the order of their confs.</param>
    public PrefixPeers(IReadOnlyList<Peer> peers)
    {
        if (peers.Count == 1)
        {
            _only = peers[0];
            return;
        }

        var byLocalPrefix = new Dictionary<IpPrefix, Peer>();
        foreach (Peer peer in peers)
        {
            foreach (IpPrefix local in peer.Selector.Local)
            {
                byLocalPrefix.TryAdd(local, peer);
            }
        }

        _byLocalPrefix = new PrefixTable<Peer>(byLocalPrefix);
    }

    /// <summary>The peer to which packets from <paramref name="source"/> may go, or null.</summary>
    public Peer? Find(IpAddress source, IpAddress destination)
    {
        if (_byLocalPrefix is not null)
        {
            return _byLocalPrefix.Find(source);
        }

        return _only!.Selector.AllowsOutbound(source, destination) ? _only : null;
    }
}
