namespace NatT.Crypto.Portable;

/// <summary>Seals and opens batches with any AEAD of Bouncy Castle's, packet by packet; those of one key wait for each other.</summary>
internal static class BouncyCastleAead
{
    private const int HeaderSize = CipherSuite.HeaderSize;

    public static void Seal(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<SealJob> jobs)
    {
        foreach (ref readonly SealJob job in jobs)
        {
            var key = (BouncyCastleAeadKey)job.Key;
            Span<byte> packet = destination.Slice(job.Offset, job.Length);
            Span<byte> text = packet[(HeaderSize + key.Suite.IvSize)..];
            source.Slice(job.BodyOffset, job.BodyLength).CopyTo(text);
            lock (key)
            {
                key.Encrypt(packet[..HeaderSize], job.SequenceHigh, packet.Slice(HeaderSize, key.Suite.IvSize), text);
            }
        }
    }

    public static void Open(Span<byte> buffer, Span<OpenJob> jobs)
    {
        foreach (ref OpenJob job in jobs)
        {
            var key = (BouncyCastleAeadKey)job.Key;
            Span<byte> packet = buffer.Slice(job.Offset, job.Length);
            Span<byte> text = packet[(HeaderSize + key.Suite.IvSize)..];
            lock (key)
            {
                job.IsAuthentic = key.TryDecrypt(packet[..HeaderSize], job.SequenceHigh, packet.Slice(HeaderSize, key.Suite.IvSize), text);
            }
        }
    }
}
