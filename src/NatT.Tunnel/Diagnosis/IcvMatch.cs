namespace NatT.Tunnel.Diagnosis;

/// <summary>Under what a packet's ICV is right.</summary>
/// <param name="IcvSize">Octets.</param>
/// <param name="IsExtended">With 64-bit sequence numbers.</param>
internal readonly record struct IcvMatch(int IcvSize, bool IsExtended);
