using NatT.Esp.Wire;

namespace NatT.Tunnel.Interchange;

/// <summary>The addresses inside of a tunnel in transport mode, which its packets do not carry.</summary>
/// <param name="Here">Of the end that something is made for.</param>
/// <param name="There">Of its peer.</param>
public readonly record struct InnerEnds(IpAddress Here, IpAddress There);
