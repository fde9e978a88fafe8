using NatT.Esp.Wire;

namespace NatT.Tunnel.Interchange;

/// <summary>Addresses and ports of a tunnel's datagrams, as the end sees them that something is made for.</summary>
/// <param name="Own">That end's own address.</param>
/// <param name="OwnPort">That end's own port.</param>
/// <param name="Peer">Where it finds its peer.</param>
/// <param name="PeerPort">Where it finds its peer.</param>
public readonly record struct OuterEnds(IpAddress Own, ushort OwnPort, IpAddress Peer, ushort PeerPort);
