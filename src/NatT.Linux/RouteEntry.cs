namespace NatT.Linux;

/// <summary>The entry of the routing tables that decides about a destination.</summary>
/// <param name="PrefixLength">Bits; 0: the default route.</param>
/// <param name="InterfaceName">Where it leads.</param>
/// <param name="IsLocal">The destination is an address of this machine.</param>
public readonly record struct RouteEntry(int PrefixLength, string InterfaceName, bool IsLocal);
