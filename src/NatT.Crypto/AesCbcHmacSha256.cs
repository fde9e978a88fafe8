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

    public override void WarmUp()
    {
        // Enough for every width of vector, and a batch of one for what is left of a larger one.
        const int Packets = 17;
        const int BodyLength = 10 * AesBlockSize;
        const int IcvSize = 16;
        using CipherKey key = CreateKey(new byte[AesBlockSize], new byte[IcvSize], IcvSize);
        int length = BodyLength + Overhead(IcvSize);
        byte[] buffer = new byte[Packets * length];
        var sealJobs = new SealJob[Packets];
        var openJobs = new OpenJob[Packets];
        for (int i = 0; i < Packets; i++)
        {
            int offset = i * length;
            sealJobs[i] = new SealJob
            {
                Key = key,
                BodyOffset = offset + HeaderSize + AesBlockSize,
                BodyLength = BodyLength,
                Offset = offset,
                Length = length,
            };
            openJobs[i] = new OpenJob { Key = key, Offset = offset, Length = length };
        }

        Seal(buffer, buffer, sealJobs);
        Open(buffer, openJobs);
        Seal(buffer, buffer, sealJobs.AsSpan(0, 1));
        Open(buffer, openJobs.AsSpan(0, 1));
    }

    /// <summary>Expands keys of lengths that were checked.</summary>
    protected abstract CipherKey ExpandKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize);
}
