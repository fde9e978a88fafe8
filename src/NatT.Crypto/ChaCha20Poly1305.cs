using NatT.Crypto.Kernels;
using NatT.Crypto.Portable;

namespace NatT.Crypto;

/// <summary>ChaCha20-Poly1305 for ESP (RFC 7634), on whatever engine.</summary>
public abstract class ChaCha20Poly1305 : AeadSuite
{
    public override string Name => "chacha20-poly1305";

    public override IReadOnlyList<int> KeySizes { get; } = [32];

    /// <summary>The fastest engine that this CPU has.</summary>
    public static ChaCha20Poly1305 Create() => Create(KernelTiers.BestVectors);

    /// <summary>One engine, be it the fastest or not.</summary>
    /// <exception cref="PlatformNotSupportedException">This CPU lacks its instructions.</exception>
    public static ChaCha20Poly1305 Create(KernelTier tier) =>
        tier == KernelTier.Portable ? new BouncyCastleChaCha20Poly1305() : new KernelChaCha20Poly1305(tier);
}
