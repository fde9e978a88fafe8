using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Peers;

/// <summary>What a tick found due: nothing, a probe, or a NAT keepalive.</summary>
public readonly record struct PeerAction
{
    public static readonly PeerAction None;

    public Probe? Probe { get; private init; }

    public OuterEndpoint? Keepalive { get; private init; }

    public static PeerAction SendProbe(Probe probe) => new() { Probe = probe };

    public static PeerAction SendKeepalive(OuterEndpoint endpoint) => new() { Keepalive = endpoint };
}
