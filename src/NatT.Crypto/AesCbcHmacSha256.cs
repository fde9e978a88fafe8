using NatT.Crypto.Kernels;
using NatT.Crypto.Kernels.Arm64;
using NatT.Crypto.Portable;

namespace NatT.Crypto;

/// <summary>AES-CBC (RFC 3602) with HMAC-SHA-256 (RFC 4868), on whatever engine.</summary>
public abstract class AesCbcHmacSha256() : AesCbcHmac(HmacHash.Sha256)
{
    /// <summary>The fastest engine that this CPU has.</summary>
    public static AesCbcHmacSha256 Create() => Create(KernelTiers.Best);

    /// <summary>One engine, be it the fastest or not.</summary>
    /// <exception cref="PlatformNotSupportedException">This CPU lacks its instructions.</exception>
    public static AesCbcHmacSha256 Create(KernelTier tier)
    {
        string engine = KernelTiers.Describe(tier);
        if (!KernelTiers.IsSupported(tier))
        {
            throw new PlatformNotSupportedException($"This CPU, or this runtime's settings, have no {engine}.");
        }

        return tier switch
        {
            KernelTier.Portable => new BouncyCastleAesCbcHmacSha256(),
            KernelTier.Arm64 => new KernelAesCbcHmacSha256<ArmAes<ArmCrypto>, ArmHmacSha256<ArmCrypto>>(engine, default),
            _ => new KernelAesCbcHmacSha256<AesNi, HmacSha256Tiers>(engine, new HmacSha256Tiers(tier)),
        };
    }
}
