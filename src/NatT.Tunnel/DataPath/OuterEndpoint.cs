using NatT.Esp.Wire;

namespace NatT.Tunnel.DataPath;

/// <summary>A UDP address and port as a value; scope is the interface index of a link-local IPv6 address, else 0.</summary>
public readonly record struct OuterEndpoint(IpAddress Address, ushort Port, uint Scope = 0)
{
    public override string ToString() => Address.IsIPv6 ? $"[{Address}]:{Port}" : $"{Address}:{Port}";
}
