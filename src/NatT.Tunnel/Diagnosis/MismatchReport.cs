namespace NatT.Tunnel.Diagnosis;

/// <summary>A mismatch as the control socket tells it.</summary>
public sealed record MismatchReport
{
    /// <summary>A name of <see cref="MismatchCause"/>.</summary>
    public required string Cause { get; init; }

    /// <summary>Null: it is not known whose.</summary>
    public required string? Peer { get; init; }

    /// <summary>Whether a right ICV vouches for it.</summary>
    public required bool Proven { get; init; }

    public required string Text { get; init; }

    /// <summary>Since it was last found.</summary>
    public required double SecondsAgo { get; init; }
}
