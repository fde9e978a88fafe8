using System.Collections.Immutable;

namespace NatT.Tunnel.Control;

/// <summary>One peer in a <see cref="StatusReport"/>.</summary>
public sealed record PeerStatus
{
    public const string Up = "up";
    public const string Lost = "lost";
    public const string NeverHeard = "never_heard";

    public required string Name { get; init; }

    /// <summary><see cref="Up"/>, <see cref="Lost"/> or <see cref="NeverHeard"/>.</summary>
    public required string State { get; init; }

    /// <summary>Where traffic goes; null until known.</summary>
    public required string? Endpoint { get; init; }

    /// <summary>As the conf's <c>espmode</c> names it; while that is still found out, the one assumed.</summary>
    public required string Framing { get; init; }

    public required string Suite { get; init; }

    /// <summary>As the conf names it: <c>tunnel</c> or <c>transport</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>The pairs of SAs in use: one, but while keys change.</summary>
    public ImmutableArray<KeyStatus> Keys { get; init; } = [];

    /// <summary>Seconds since the last authentic and fresh packet; null: never heard.</summary>
    public required double? LastHeardSeconds { get; init; }

    /// <summary>Round trip of the last answered probe in milliseconds; null: none was answered.</summary>
    public required double? RttMs { get; init; }

    /// <summary>Octets of the longest inner packet that the path carries, as far as probes told; null: not known yet.</summary>
    public required int? Mtu { get; init; }

    public required TrafficStatus In { get; init; }

    public required TrafficStatus Out { get; init; }
}
