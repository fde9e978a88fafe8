using NatT.Tunnel.Peers;

namespace NatT.Cli;

/// <summary>A peer, and what the size of its packets depends on.</summary>
/// <param name="Path">As its conf and the start have it.</param>
/// <param name="Monitor">Knows where it is now, and is told what the interface there lets pass.</param>
internal sealed record FollowedPeer(PeerPath Path, PeerMonitor Monitor);
