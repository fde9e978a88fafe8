using System.Collections.Frozen;
using System.Collections.Immutable;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Peers;

/// <summary>Finds the peer of a packet: by inbound SPI where it arrives, by traffic selector where it leaves. Immutable.</summary>
public sealed class PeerTable
{
    private readonly FrozenDictionary<uint, Peer> _bySpi;

    public PeerTable(IEnumerable<Peer> peers)
    {
        Peers = [.. peers];
        _bySpi = Peers.ToFrozenDictionary(peer => peer.Inbound.Parameters.Spi);
    }

    public ImmutableArray<Peer> Peers { get; }

    public Peer? FindBySpi(uint spi) => _bySpi.GetValueOrDefault(spi);

    /// <summary>The peer whose selectors let a packet between these addresses in.</summary>
    public Peer? FindBySelector(IpAddress source, IpAddress destination)
    {
        foreach (Peer peer in Peers)
        {
            if (peer.Selector.AllowsOutbound(source, destination))
            {
                return peer;
            }
        }

        return null;
    }
}
