using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Peers;

/// <summary>What happened to a peer and deserves a line in the log.</summary>
public enum PeerEventKind
{
    /// <summary>First authentic and fresh sign of it.</summary>
    Up,

    /// <summary>It answered no probe any more.</summary>
    Lost,

    /// <summary>A sign of it after it was lost.</summary>
    UpAgain,

    /// <summary>Its traffic goes to another endpoint from now on.</summary>
    Moved,

    /// <summary>A fresh answer told which numbers are fresh.</summary>
    Synchronised,

    /// <summary>It answered no probe, so the durable mark tells which numbers are fresh.</summary>
    SynchronisedByMark,

    /// <summary>A fresh answer proved that its counter started over.</summary>
    CounterRestarted,

    /// <summary>A fresh answer told which framing works.</summary>
    FramingPinned,

    /// <summary>Answered probes told that the path carries shorter packets than was assumed, or longer ones again.</summary>
    PathMtuChanged,
}

/// <param name="Kind">What.</param>
/// <param name="Endpoint">Where it is now, if it is known.</param>
/// <param name="Previous">Where it was, for a move.</param>
public readonly record struct PeerEvent(PeerEventKind Kind, OuterEndpoint? Endpoint, OuterEndpoint? Previous = null);
