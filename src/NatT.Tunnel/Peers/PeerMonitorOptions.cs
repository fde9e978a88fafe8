using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Peers;

/// <summary>What a conf says about watching a peer.</summary>
public sealed record PeerMonitorOptions
{
    /// <summary>Null: learn it from the peer.</summary>
    public OuterEndpoint? InitialEndpoint { get; init; }

    /// <summary>Null: find out by probing.</summary>
    public UdpFraming? Framing { get; init; }

    /// <summary>Whether there are inner addresses to probe from and to.</summary>
    public bool CanProbe { get; init; }

    /// <summary>Whether replays are told apart; if not, only fresh answers prove anything.</summary>
    public bool HasReplayWindow { get; init; }

    /// <summary>Whether it is still to be learnt which numbers are fresh.</summary>
    public bool NeedsSynchronisation { get; init; }

    /// <summary>Octets a sealed probe takes with its outer headers.</summary>
    public int ProbeOctets { get; init; } = 160;

    /// <summary>Octets at an inner packet's start that are not sealed: in transport mode its IP header.</summary>
    public int OmittedHeaderSize { get; init; }

    /// <summary>Zero: off.</summary>
    public TimeSpan Keepalive { get; init; }

    /// <summary>Zero: no idle probes.</summary>
    public TimeSpan DpdInterval { get; init; }

    public int DpdMisses { get; init; }
}
