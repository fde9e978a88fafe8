namespace NatT.Tunnel.Peers;

/// <summary>How a peer looks from here at one moment. Times are monotonic.</summary>
/// <param name="IsUp">Heard, and not lost since.</param>
/// <param name="LastHeardAt">Its last authentic and fresh sign; null: never heard.</param>
/// <param name="ProbesSent">Probes there ever were.</param>
/// <param name="LastProbeAt">When the last of them went.</param>
/// <param name="LastAnswer">To the latest probe that was answered.</param>
public readonly record struct PeerSight(
    bool IsUp, TimeSpan? LastHeardAt, long ProbesSent, TimeSpan? LastProbeAt, ProbeAnswer? LastAnswer);
