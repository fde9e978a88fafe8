using System.Runtime.Intrinsics.X86;
using NatT.Crypto.Kernels;
using NatT.Crypto.Portable;

namespace NatT.Crypto;

/// <summary>AES-GCM with an ICV of 16 octets (RFC 4106), on whatever engine.</summary>
public abstract class AesGcm16 : AeadSuite
{
    public override string Name => "aes-gcm-16";

    public override IReadOnlyList<int> KeySizes { get; } = [16, 24, 32];

    /// <summary>The fastest engine that this CPU has.</summary>
    public static AesGcm16 Create() => Create(KernelTiers.Best);

    /// <summary>One engine, be it the fastest or not.</summary>
    /// <exception cref="PlatformNotSupportedException">This CPU lacks its instructions.</exception>
    // No CPU is known that has AES instructions and no PCLMULQDQ; if there is one, it has no kernels.
    public static AesGcm16 Create(KernelTier tier) =>
        tier == KernelTier.Portable || (KernelTiers.IsSupported(tier) && !Pclmulqdq.IsSupported)
            ? new BouncyCastleAesGcm16()
            : new KernelAesGcm16(tier);
}
