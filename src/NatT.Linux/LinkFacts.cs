namespace NatT.Linux;

/// <summary>What a network interface is.</summary>
/// <param name="IsTun">A TUN device: not a TAP device, nor anything else.</param>
/// <param name="IsPersistent">It outlives the process that made it; null: this kernel does not tell.</param>
public readonly record struct LinkFacts(bool IsTun, bool? IsPersistent);
