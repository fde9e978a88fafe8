using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace NatT.Tunnel.Control;

/// <summary>One direction of a peer's traffic in a <see cref="StatusReport"/>, since natt-tun started.</summary>
public sealed record TrafficStatus
{
    /// <summary>Inner packets that got through.</summary>
    public required long Packets { get; init; }

    /// <summary>Octets of these.</summary>
    public required long Octets { get; init; }

    /// <summary>Inner packets a second, over the last full second or two.</summary>
    public required double PacketsPerSecond { get; init; }

    /// <summary>Bits of inner packets a second.</summary>
    public required double BitsPerSecond { get; init; }

    /// <summary>The highest sequence number that was sent, or received; null: not known (yet). No rate and no sum: it outlives restarts.</summary>
    public ulong? LastNumber { get; init; }

    /// <summary>
    /// Sequence numbers that the peer went past and whose packets never came; null of what leaves, and without a replay window.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Missing { get; init; }

    /// <summary>Packets that died, by <see cref="Esp.DropReason"/>; reasons that never occurred are not there.</summary>
    public required ImmutableSortedDictionary<string, long> Drops { get; init; }
}
