using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Peers;

/// <summary>Where a peer's traffic goes and in which framing; an immutable snapshot that the data path reads once a packet.</summary>
/// <param name="Endpoint">Null until it is known.</param>
/// <param name="Framing">The pinned framing, or the one to assume until one is pinned.</param>
/// <param name="LargestInner">Octets of the longest inner packet that the path carries in one piece, as far as is known.</param>
public sealed record PeerRoute(OuterEndpoint? Endpoint, UdpFraming Framing, int LargestInner = int.MaxValue);
