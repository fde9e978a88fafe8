namespace NatT.Fuzz.Engine;

/// <summary>A run under way.</summary>
/// <param name="Input">What runs.</param>
/// <param name="StartedAt">By the stopwatch.</param>
public sealed record Execution(byte[] Input, long StartedAt);
