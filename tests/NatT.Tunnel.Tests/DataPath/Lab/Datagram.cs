using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Tests.DataPath.Lab;

/// <summary>One datagram on its way.</summary>
internal sealed record Datagram(OuterEndpoint From, OuterEndpoint To, byte[] Octets, byte TrafficClass = 0);
