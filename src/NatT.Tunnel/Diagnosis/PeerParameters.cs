using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Diagnosis;

/// <summary>What the two ends have to agree on, as this end has it. The keys are only read, and belong to whoever made them.</summary>
public sealed record PeerParameters
{
    public required string Name { get; init; }

    public required SecurityAssociationParameters Inbound { get; init; }

    public required SecurityAssociationParameters Outbound { get; init; }

    public required TrafficSelector Selector { get; init; }

    public required InboundPolicy Policy { get; init; }

    /// <summary>As the conf fixes it; null: either.</summary>
    public UdpFraming? Framing { get; init; }

    public static PeerParameters Of(Peer peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return new PeerParameters
        {
            Name = peer.Name,
            Inbound = peer.Inbound.Parameters,
            Outbound = peer.Outbound.Parameters,
            Selector = peer.Selector,
            Policy = peer.InboundPolicy,
            Framing = peer.Monitor.ConfiguredFraming,
        };
    }

    /// <summary>Expands the conf's keys; the caller disposes those of both directions.</summary>
    public static PeerParameters Of(PeerConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        return Of(conf, conf.Inbound, conf.Outbound);
    }

    /// <summary>The same of each pair of keys that the conf has, those that are to follow among them.</summary>
    public static IEnumerable<PeerParameters> AllOf(PeerConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        PeerParameters current = Of(conf);
        return conf.NextInbound is null || conf.NextOutbound is null ? [current] : [current, Of(conf, conf.NextInbound, conf.NextOutbound)];
    }

    private static PeerParameters Of(PeerConf conf, AssociationConf inbound, AssociationConf outbound)
    {
        (TransportMode? modeIn, TransportMode? modeOut) = PeerFactory.Modes(conf);
        return new PeerParameters
        {
            Name = conf.Name,
            Inbound = PeerFactory.Parameters(conf, inbound, modeIn),
            Outbound = PeerFactory.Parameters(conf, outbound, modeOut),
            Selector = conf.Selector,
            Policy = new InboundPolicy(conf.Selector, conf.DeviceAddresses.Select(a => a.Address)),
            Framing = conf.Framing,
        };
    }
}
