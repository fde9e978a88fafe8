using NatT.Esp.Wire;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.DataPath;

/// <summary>
/// Something that natt-tun itself sends: an inner packet to seal (a probe, an answer), or, where there is none, a NAT keepalive.
/// </summary>
/// <param name="Peer">Whose SA seals it.</param>
/// <param name="InnerPacket">Null for a keepalive.</param>
/// <param name="Endpoint">Where it goes, whatever the peer's current endpoint.</param>
/// <param name="Framing">How it is framed.</param>
public sealed record ControlPacket(Peer Peer, byte[]? InnerPacket, OuterEndpoint Endpoint, UdpFraming Framing);
