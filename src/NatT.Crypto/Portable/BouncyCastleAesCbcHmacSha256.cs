using System.Security.Cryptography;

namespace NatT.Crypto.Portable;

/// <summary>
/// AES-CBC (RFC 3602) with HMAC-SHA-256 (RFC 4868) on Bouncy Castle: the engine for any CPU, and the witness
/// that faster ones are tested against. Its AES is table-driven.
/// </summary>
public sealed class BouncyCastleAesCbcHmacSha256 : CipherSuite
{
    public override string Name => "aes-cbc-hmac-sha256";

    public override int IvSize => BouncyCastleAesCbcHmacKey.AesBlockSize;

    public override int BlockSize => BouncyCastleAesCbcHmacKey.AesBlockSize;

    /// <inheritdoc/>
    /// <param name="encryption">16, 24 or 32 octets.</param>
    /// <param name="authentication">1 octet or more.</param>
    /// <param name="icvSize">16 (RFC 4868), or 12 as Linux's plain <c>auth sha256</c> truncates.</param>
    public override CipherKey CreateKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize)
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

        return new BouncyCastleAesCbcHmacKey(this, encryption, authentication, icvSize);
    }

    protected override void SealBatch(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<SealJob> jobs)
    {
        foreach (ref readonly SealJob job in jobs)
        {
            var key = (BouncyCastleAesCbcHmacKey)job.Key;
            Span<byte> packet = destination.Slice(job.Offset, job.Length);
            Span<byte> authenticated = packet[..^key.IcvSize];
            source.Slice(job.BodyOffset, job.BodyLength).CopyTo(authenticated[(HeaderSize + IvSize)..]);
            key.Encrypt(authenticated.Slice(HeaderSize, IvSize), authenticated[(HeaderSize + IvSize)..]);
            key.ComputeIcv(authenticated, job.SequenceHigh, packet[^key.IcvSize..]);
        }
    }

    protected override void OpenBatch(Span<byte> buffer, Span<OpenJob> jobs)
    {
        Span<byte> expected = stackalloc byte[BouncyCastleAesCbcHmacKey.LargestIcvSize];
        foreach (ref OpenJob job in jobs)
        {
            var key = (BouncyCastleAesCbcHmacKey)job.Key;
            Span<byte> packet = buffer.Slice(job.Offset, job.Length);
            Span<byte> authenticated = packet[..^key.IcvSize];
            Span<byte> icv = expected[..key.IcvSize];
            key.ComputeIcv(authenticated, job.SequenceHigh, icv);
            if (CryptographicOperations.FixedTimeEquals(icv, packet[^key.IcvSize..]))
            {
                key.Decrypt(authenticated.Slice(HeaderSize, IvSize), authenticated[(HeaderSize + IvSize)..]);
                job.IsAuthentic = true;
            }
        }
    }
}
