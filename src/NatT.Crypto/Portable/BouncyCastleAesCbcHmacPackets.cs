using System.Security.Cryptography;

namespace NatT.Crypto.Portable;

/// <summary>Seals and opens batches with AES-CBC and any HMAC of Bouncy Castle's, packet by packet.</summary>
/// <remarks>Bouncy Castle's objects have a state, so packets of one key wait for each other; what that takes is little beside a packet.</remarks>
internal static class BouncyCastleAesCbcHmacPackets
{
    private const int HeaderAndIvSize = CipherSuite.HeaderSize + BouncyCastleAesCbcHmacKey.AesBlockSize;

    public static void Seal(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<SealJob> jobs)
    {
        foreach (ref readonly SealJob job in jobs)
        {
            var key = (BouncyCastleAesCbcHmacKey)job.Key;
            Span<byte> packet = destination.Slice(job.Offset, job.Length);
            Span<byte> authenticated = packet[..^key.IcvSize];
            source.Slice(job.BodyOffset, job.BodyLength).CopyTo(authenticated[HeaderAndIvSize..]);
            lock (key)
            {
                key.Encrypt(authenticated[CipherSuite.HeaderSize..HeaderAndIvSize], authenticated[HeaderAndIvSize..]);
                key.ComputeIcv(authenticated, job.SequenceHigh, packet[^key.IcvSize..]);
            }
        }
    }

    public static void Open(Span<byte> buffer, Span<OpenJob> jobs)
    {
        Span<byte> expected = stackalloc byte[HmacHash.LargestIcvSize];
        foreach (ref OpenJob job in jobs)
        {
            var key = (BouncyCastleAesCbcHmacKey)job.Key;
            Span<byte> packet = buffer.Slice(job.Offset, job.Length);
            Span<byte> authenticated = packet[..^key.IcvSize];
            Span<byte> icv = expected[..key.IcvSize];
            lock (key)
            {
                key.ComputeIcv(authenticated, job.SequenceHigh, icv);
                if (CryptographicOperations.FixedTimeEquals(icv, packet[^key.IcvSize..]))
                {
                    key.Decrypt(authenticated[CipherSuite.HeaderSize..HeaderAndIvSize], authenticated[HeaderAndIvSize..]);
                    job.IsAuthentic = true;
                }
            }
        }
    }
}
