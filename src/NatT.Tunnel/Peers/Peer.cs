using System.Collections.Immutable;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.Control;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Peers;

/// <summary>One peer at run time: its pair of SAs with their durable records, its policy, and what is known of its whereabouts.</summary>
/// <remarks>
/// While its keys change there is one for each pair of SAs, and all of them share monitor and counters (<see cref="KeyRotation"/>).
/// The outbound thread owns everything named outbound, the inbound thread everything named inbound; the rest is immutable
/// or thread-safe.
/// </remarks>
public sealed class Peer : IDisposable
{
    /// <summary>What log lines call it.</summary>
    public required string Name { get; init; }

    public required TrafficSelector Selector { get; init; }

    public required InboundPolicy InboundPolicy { get; init; }

    public required OutboundSecurityAssociation Outbound { get; init; }

    public required OutboundRecord OutboundRecord { get; init; }

    public required InboundSecurityAssociation Inbound { get; init; }

    /// <summary>Null without a replay window.</summary>
    public required InboundRecord? InboundRecord { get; init; }

    /// <summary>What the records of the two SAs go by.</summary>
    public KeyIdentity Keys { get; init; }

    /// <summary>Tells one pair of SAs from all others there ever were in this process.</summary>
    public int PairNumber { get; init; }

    public required PeerMonitor Monitor { get; init; }

    /// <summary>Set while the peer has more than one pair of SAs.</summary>
    public KeyRotation? Rotation { get; private init; }

    /// <summary>Probes go from here…</summary>
    public IpAddress? ProbeSource { get; init; }

    /// <summary>… to here; without both there are none.</summary>
    public IpAddress? ProbeTarget { get; init; }

    /// <summary>A DNS name to look up, or null where an address is known or waited for.</summary>
    public string? RemoteName { get; init; }

    /// <summary>As the conf has it, where it does.</summary>
    public IpAddress? RemoteAddress { get; init; }

    public ushort RemotePort { get; init; }

    /// <summary>Unanswered probes that make a peer lost.</summary>
    public int DpdMisses { get; init; }

    /// <summary>How long the inbound SA of replaced keys stays though it is used; null: as long as it is.</summary>
    public TimeSpan? RetireAfter { get; init; }

    public PathCounters OutboundCounters { get; init; } = new();

    public PathCounters InboundCounters { get; init; } = new();

    /// <summary>All pairs of SAs that the peer has.</summary>
    internal ImmutableArray<Peer> Pairs => Rotation?.Pairs ?? [this];

    /// <summary>The pair that takes what goes to the peer.</summary>
    internal Peer Carrier => Rotation is KeyRotation rotation ? rotation.Carrier : this;

    /// <summary>The same pair of SAs, in another rotation or none.</summary>
    internal Peer In(KeyRotation? rotation) => Compose(this, rotation);

    /// <summary>These SAs, and all else as <paramref name="other"/> has it.</summary>
    internal Peer As(Peer other) => Compose(other, rotation: null);

    private Peer Compose(Peer other, KeyRotation? rotation) => new()
    {
        Outbound = Outbound,
        OutboundRecord = OutboundRecord,
        Inbound = Inbound,
        InboundRecord = InboundRecord,
        Keys = Keys,
        PairNumber = PairNumber,
        Rotation = rotation,
        Name = other.Name,
        Selector = other.Selector,
        InboundPolicy = other.InboundPolicy,
        Monitor = other.Monitor,
        ProbeSource = other.ProbeSource,
        ProbeTarget = other.ProbeTarget,
        RemoteName = other.RemoteName,
        RemoteAddress = other.RemoteAddress,
        RemotePort = other.RemotePort,
        DpdMisses = other.DpdMisses,
        RetireAfter = other.RetireAfter,
        OutboundCounters = other.OutboundCounters,
        InboundCounters = other.InboundCounters,
    };

    /// <summary>Outbound thread: brings what its next packet needs nearer. It changes nothing, and nothing waits for it but the loads.</summary>
    public void FetchOutbound()
    {
        _ = OutboundCounters.Packets;
        Monitor.FetchOutbound();
        OutboundRecord.Fetch();
        Outbound.Fetch();
    }

    /// <summary>Inbound thread: as <see cref="FetchOutbound"/>.</summary>
    public void FetchInbound()
    {
        _ = InboundCounters.Packets;
        Monitor.FetchInbound();
        InboundRecord?.Fetch();
        Inbound.Fetch();
        InboundPolicy.Fetch();
    }

    public void Dispose()
    {
        Outbound.Dispose();
        Inbound.Dispose();
    }
}
