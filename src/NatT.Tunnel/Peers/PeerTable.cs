using System.Collections.Frozen;
using System.Collections.Immutable;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Peers;

/// <summary>Finds the peer of a packet: by inbound SPI where it arrives, by traffic selector where it leaves. Immutable.</summary>
/// <remarks>Owns the peers.</remarks>
public sealed class PeerTable : IDisposable
{
    private readonly FrozenDictionary<uint, Peer> _bySpi;
    private readonly PrefixTable<PrefixPeers> _byRemotePrefix;

    public PeerTable(IEnumerable<Peer> peers)
    {
        Peers = [.. peers];
        IpPrefix[] shared = [];
        Pairs = [.. Peers.SelectMany(peer => peer.Pairs)];
        _bySpi = Pairs.ToFrozenDictionary(peer => peer.Inbound.Parameters.Spi);
        _byRemotePrefix = new PrefixTable<PrefixPeers>(
            Peers.SelectMany(peer => peer.Selector.Remote.Distinct(), (peer, prefix) => (Peer: peer, Prefix: prefix))
                .GroupBy(entry => entry.Prefix, entry => entry.Peer)
                .ToDictionary(group => group.Key, group => new PrefixPeers([.. group], shared = LocalOf(group.First(), shared))));
    }

    /// <summary>Each peer once, in the order of their confs.</summary>
    public ImmutableArray<Peer> Peers { get; }

    /// <summary>Each peer once for each pair of SAs it has.</summary>
    public ImmutableArray<Peer> Pairs { get; }

    public Peer? FindBySpi(uint spi) => _bySpi.GetValueOrDefault(spi);

    /// <summary>
    /// The peer whose selectors let a packet between these addresses in; of several, the one with the longest remote prefix.
    /// The time it takes does not depend on the number of peers.
    /// </summary>
    public Peer? FindBySelector(IpAddress source, IpAddress destination)
    {
        int position = 0;
        while (_byRemotePrefix.Next(destination, ref position) is PrefixPeers candidates)
        {
            if (candidates.Find(source) is Peer peer)
            {
                return peer.Carrier;
            }
        }

        return null;
    }

    /// <summary>Most peers' local prefixes are the same: one array for all that follow each other is in a cache for all of them.</summary>
    private static IpPrefix[] LocalOf(Peer peer, IpPrefix[] before) =>
        peer.Selector.Local.AsSpan().SequenceEqual(before) ? before : [.. peer.Selector.Local];

    /// <summary>Writes the exact numbers of all peers to their records, in one flush. Both data threads must have ended.</summary>
    public void CloseRecords(StateStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        CloseRecords(store, Pairs);
    }

    internal static void CloseRecords(StateStore store, IReadOnlyCollection<Peer> pairs)
    {
        foreach (Peer pair in pairs.Where(pair => !pair.Inbound.IsSynchronised))
        {
            pair.InboundRecord?.Abandon();
        }

        store.Close(
            pairs.Select(peer => (peer.OutboundRecord, peer.Outbound.Sequence.Next)),
            pairs.Where(peer => peer.Inbound.IsSynchronised && peer.InboundRecord is not null)
                .Select(peer => (peer.InboundRecord!, peer.Inbound.Top)));
    }

    /// <summary>Both data threads must have ended.</summary>
    public void Dispose()
    {
        foreach (Peer peer in Pairs)
        {
            peer.Dispose();
        }
    }
}
