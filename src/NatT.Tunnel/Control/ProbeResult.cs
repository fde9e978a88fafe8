namespace NatT.Tunnel.Control;

/// <summary>How one peer fared in a round of probes.</summary>
public sealed record ProbeResult
{
    public required string Name { get; init; }

    /// <summary>Where traffic to it goes; null until known.</summary>
    public required string? Endpoint { get; init; }

    /// <summary>Milliseconds to the answer; null where there was none.</summary>
    public required double? RttMs { get; init; }

    /// <summary>Probes that went unanswered before that.</summary>
    public required int Misses { get; init; }

    /// <summary>Why it could not be asked; null where it was.</summary>
    public string? Problem { get; init; }
}
