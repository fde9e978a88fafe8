namespace NatT.Tunnel.Peers;

/// <summary>That a probe was answered.</summary>
/// <param name="SentAt">When the probe went; monotonic time.</param>
/// <param name="RoundTrip">How long its answer took.</param>
public readonly record struct ProbeAnswer(TimeSpan SentAt, TimeSpan RoundTrip);
