using System.Security.Cryptography;

namespace NatT.Crypto.Portable;

/// <summary>
/// AES-CBC (RFC 3602) with HMAC-SHA-256 (RFC 4868) on Bouncy Castle: the engine for any CPU, and the witness
/// that faster ones are tested against. Its AES is table-driven.
/// </summary>
/// <remarks>Bouncy Castle's objects have a state, so packets of one key wait for each other; what that takes is little beside a packet.</remarks>
public sealed class BouncyCastleAesCbcHmacSha256 : AesCbcHmacSha256
{
    public override string Engine => "portable engine (Bouncy Castle, table-driven AES)";

    protected override CipherKey ExpandKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize) =>
        new BouncyCastleAesCbcHmacKey(this, encryption, authentication, icvSize);

    protected override void SealBatch(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<SealJob> jobs)
    {
        foreach (ref readonly SealJob job in jobs)
        {
            var key = (BouncyCastleAesCbcHmacKey)job.Key;
            Span<byte> packet = destination.Slice(job.Offset, job.Length);
            Span<byte> authenticated = packet[..^key.IcvSize];
            source.Slice(job.BodyOffset, job.BodyLength).CopyTo(authenticated[(HeaderSize + IvSize)..]);
            lock (key)
            {
                key.Encrypt(authenticated.Slice(HeaderSize, IvSize), authenticated[(HeaderSize + IvSize)..]);
                key.ComputeIcv(authenticated, job.SequenceHigh, packet[^key.IcvSize..]);
            }
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
            lock (key)
            {
                key.ComputeIcv(authenticated, job.SequenceHigh, icv);
                if (CryptographicOperations.FixedTimeEquals(icv, packet[^key.IcvSize..]))
                {
                    key.Decrypt(authenticated.Slice(HeaderSize, IvSize), authenticated[(HeaderSize + IvSize)..]);
                    job.IsAuthentic = true;
                }
            }
        }
    }
}
