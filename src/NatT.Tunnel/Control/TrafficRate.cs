namespace NatT.Tunnel.Control;

/// <summary>How fast one direction's counters grow.</summary>
public readonly record struct TrafficRate(double PacketsPerSecond, double BitsPerSecond);
