using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.Control;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Peers;

/// <summary>One peer at run time: its pair of SAs with their durable records, its policy, and what is known of its whereabouts.</summary>
/// <remarks>
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

    public required PeerMonitor Monitor { get; init; }

    /// <summary>Probes go from here…</summary>
    public IpAddress? ProbeSource { get; init; }

    /// <summary>… to here; without both there are none.</summary>
    public IpAddress? ProbeTarget { get; init; }

    /// <summary>A DNS name to look up, or null where an address is known or waited for.</summary>
    public string? RemoteName { get; init; }

    public ushort RemotePort { get; init; }

    /// <summary>Unanswered probes that make a peer lost.</summary>
    public int DpdMisses { get; init; }

    public PathCounters OutboundCounters { get; } = new();

    public PathCounters InboundCounters { get; } = new();

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
