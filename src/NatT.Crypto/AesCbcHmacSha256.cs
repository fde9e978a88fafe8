using NatT.Crypto.Kernels;
using NatT.Crypto.Portable;

namespace NatT.Crypto;

/// <summary>AES-CBC (RFC 3602) with HMAC-SHA-256 (RFC 4868), on whatever engine.</summary>
public abstract class AesCbcHmacSha256 : CipherSuite
{
    private const int AesBlockSize = 16;

    public override string Name => "aes-cbc-hmac-sha256";

    public override int IvSize => AesBlockSize;

    public override int BlockSize => AesBlockSize;

    /// <summary>The fastest engine that this CPU has.</summary>
    public static AesCbcHmacSha256 Create() => Create(KernelTiers.Best);

    /// <summary>One engine, be it the fastest or not.</summary>
    /// <exception cref="PlatformNotSupportedException">This CPU lacks its instructions.</exception>
    public static AesCbcHmacSha256 Create(KernelTier tier) =>
        tier == KernelTier.Portable ? new BouncyCastleAesCbcHmacSha256() : new KernelAesCbcHmacSha256(tier);

    /// <inheritdoc/>
    /// <param name="encryption">16, 24 or 32 octets.</param>
    /// <param name="authentication">1 octet or more.</param>
    /// <param name="icvSize">16 (RFC 4868), or 12 as Linux's plain <c>auth sha256</c> truncates.</param>
    public sealed override CipherKey CreateKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize)
    {
        if (encryption.Length is not (16 or 24 or 32))
        {
            throw new ArgumentException($"An AES key has 16, 24 or 32 octets, not {encryption.Length}.", nameof(encryption));
        }

        if (authentication.IsEmpty)
        {
            throw new ArgumentException("An HMAC key has at least one octet.", nameof(authentication));
        }

        if (icvSize is not (12 or 16))
        {
            throw new ArgumentOutOfRangeException(nameof(icvSize), icvSize, "An ICV has 12 or 16 octets.");
        }

        return ExpandKey(encryption, authentication, icvSize);
    }

    protected override CipherKey CreateKeyForWarmUp() => CreateKey(new byte[AesBlockSize], new byte[16], 16);

    /// <summary>Expands keys of lengths that were checked.</summary>
    protected abstract CipherKey ExpandKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize);
}
