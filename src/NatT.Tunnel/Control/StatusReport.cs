using System.Collections.Immutable;

namespace NatT.Tunnel.Control;

/// <summary>What a running natt-tun says of itself at one moment; <c>natt-tun status --json</c> prints it under these names.</summary>
public sealed record StatusReport
{
    /// <summary>The TUN device.</summary>
    public required string Device { get; init; }

    /// <summary>Process id.</summary>
    public required int Pid { get; init; }

    /// <summary>UDP address and port.</summary>
    public required string Listening { get; init; }

    public required double UptimeSeconds { get; init; }

    /// <summary>Whether the kernel refuses the process what moving packets has no use for.</summary>
    public required bool SystemCallFilter { get; init; }

    /// <summary>In the order of their confs.</summary>
    public required ImmutableArray<PeerStatus> Peers { get; init; }

    /// <summary>Arriving packets that died without belonging to a peer, by reason.</summary>
    public required ImmutableSortedDictionary<string, long> DropsIn { get; init; }

    /// <summary>Leaving packets that died without belonging to a peer, by reason.</summary>
    public required ImmutableSortedDictionary<string, long> DropsOut { get; init; }
}
