using NatT.Crypto.Kernels;
using NatT.Crypto.Portable;

namespace NatT.Crypto;

/// <summary>AES-CBC (RFC 3602) with HMAC (RFC 2404, RFC 4868), on whatever engine.</summary>
public abstract class AesCbcHmac(HmacHash hash) : CipherSuite
{
    private const int AesBlockSize = 16;

    public HmacHash Hash { get; } = hash;

    /// <inheritdoc/>
    public sealed override string Name => $"aes-cbc-hmac-{Hash.Name}";

    /// <inheritdoc/>
    public sealed override int IvSize => AesBlockSize;

    /// <inheritdoc/>
    public sealed override int BlockSize => AesBlockSize;

    /// <inheritdoc/>
    public sealed override IReadOnlyList<int> IcvSizes => Hash.IcvSizes;

    /// <summary>The fastest engine that this CPU has.</summary>
    public static AesCbcHmac Create(HmacHash hash) => Create(hash, KernelTiers.Best);

    /// <summary>One engine, be it the fastest or not.</summary>
    /// <exception cref="PlatformNotSupportedException">This CPU lacks its instructions.</exception>
    public static AesCbcHmac Create(HmacHash hash, KernelTier tier) =>
        hash == HmacHash.Sha256 ? AesCbcHmacSha256.Create(tier)
        : tier == KernelTier.Portable || (tier == KernelTier.Arm64 && KernelTiers.IsSupported(tier)) ? new BouncyCastleAesCbcHmac(hash)
        : new KernelAesCbcHmac(hash, tier);

    /// <inheritdoc/>
    /// <param name="encryption">16, 24 or 32 octets.</param>
    /// <param name="authentication">1 octet or more.</param>
    /// <param name="icvSize">One of <see cref="IcvSizes"/>.</param>
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

        if (!IcvSizes.Contains(icvSize))
        {
            throw new ArgumentOutOfRangeException(nameof(icvSize), icvSize, $"An ICV of {Name} has {string.Join(" or ", IcvSizes)} octets.");
        }

        return ExpandKey(encryption, authentication, icvSize);
    }

    protected sealed override CipherKey CreateKeyForWarmUp() => CreateKey(new byte[AesBlockSize], new byte[Hash.Size], IcvSizes[0]);

    /// <summary>Expands keys of lengths that were checked.</summary>
    protected abstract CipherKey ExpandKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize);
}
