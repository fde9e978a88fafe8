using NatT.Esp.Policies;

namespace NatT.Linux;

/// <summary>A route that somebody has set up on this machine.</summary>
/// <param name="Prefix">What it is for.</param>
/// <param name="InterfaceName">Where it leads, of several the first; null: nowhere, packets die there.</param>
/// <param name="IsConnected">The kernel made it, for an address of the interface.</param>
/// <param name="Table">The routing table it is in, where that is not the main one.</param>
public readonly record struct KernelRoute(IpPrefix Prefix, string? InterfaceName, bool IsConnected, uint? Table);
