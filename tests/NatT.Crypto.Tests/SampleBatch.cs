namespace NatT.Crypto.Tests;

/// <summary>
/// Packets of given body lengths, under keys of their own or of a few SAs in random order, laid out in one buffer with guard octets between them,
/// next to what the buffer must hold once they are sealed or opened.
/// </summary>
internal sealed class SampleBatch : IDisposable
{
    private const byte Guard = 0xA5;
    private const int GuardSize = 5;
    private readonly int _headerAndIvSize;
    private readonly CipherKey[] _keys;

    /// <param name="suite">The engine that makes the keys.</param>
    /// <param name="bodyLengths">One a packet.</param>
    /// <param name="seed">The same seed, the same batch.</param>
    /// <param name="isExtended">With the high half of the sequence number.</param>
    /// <param name="associations">How many SAs the packets belong to; none given: one each.</param>
    public SampleBatch(CipherSuite suite, IReadOnlyList<int> bodyLengths, int seed, bool isExtended, int? associations = null)
    {
        var random = new Random(seed);
        _headerAndIvSize = suite.Overhead(icvSize: 0);
        TestKeys[] allKeys = [.. Enumerable.Range(0, associations ?? bodyLengths.Count).Select(i => TestKeys.Number(suite, i, random))];
        _keys = [.. allKeys.Select(keys => keys.CreateKey(suite))];
        var source = new List<byte>();
        var opened = new List<byte>();
        var sealedBuffer = new List<byte>();
        SealJobs = new SealJob[bodyLengths.Count];
        OpenJobs = new OpenJob[bodyLengths.Count];
        for (int i = 0; i < bodyLengths.Count; i++)
        {
            int association = associations is int count ? random.Next(count) : i;
            TestKeys keys = allKeys[association];
            CipherKey key = _keys[association];
            uint? high = isExtended ? (uint)random.NextInt64(1L << 32) : null;
            byte[] headerAndIv = TestKeys.NextOctets(random, _headerAndIvSize);
            byte[] plaintext = TestKeys.NextOctets(random, WithTrailer(suite, bodyLengths[i]));
            byte[] packet = Witness.Seal(suite, keys, headerAndIv, plaintext, high);

            source.AddRange(Enumerable.Repeat(Guard, GuardSize));
            sealedBuffer.AddRange(Enumerable.Repeat(Guard, GuardSize));
            opened.AddRange(Enumerable.Repeat(Guard, GuardSize));
            int offset = sealedBuffer.Count;
            SealJobs[i] = new SealJob
            {
                Key = key,
                BodyOffset = source.Count,
                BodyLength = bodyLengths[i],
                Offset = offset,
                Length = packet.Length,
                SequenceHigh = high,
            };
            OpenJobs[i] = new OpenJob { Key = key, Offset = offset, Length = packet.Length, SequenceHigh = high };
            source.AddRange(plaintext.AsSpan(0, bodyLengths[i]));
            sealedBuffer.AddRange(packet);
            opened.AddRange([.. headerAndIv, .. plaintext, .. packet.AsSpan(packet.Length - keys.IcvSize)]);
        }

        Source = [.. source];
        Sealed = [.. sealedBuffer, Guard];
        Opened = [.. opened, Guard];
    }

    /// <summary>The bodies alone.</summary>
    public byte[] Source { get; }

    /// <summary>The buffer as the witness seals it.</summary>
    public byte[] Sealed { get; }

    /// <summary>The buffer with plaintext where ciphertext was.</summary>
    public byte[] Opened { get; }

    /// <summary>Jobs that read bodies from <see cref="Source"/>.</summary>
    public SealJob[] SealJobs { get; }

    /// <summary>Jobs that find bodies where the ciphertext goes.</summary>
    public SealJob[] SealJobsInPlace =>
        [.. SealJobs.Select(job => job with { BodyOffset = job.Offset + _headerAndIvSize })];

    public OpenJob[] OpenJobs { get; }

    /// <summary>The buffer before sealing out of place: headers, IVs and trailers, and nothing where bodies and ICVs go.</summary>
    public byte[] WithoutBodies()
    {
        byte[] buffer = WithBodies();
        foreach (SealJob job in SealJobs)
        {
            buffer.AsSpan(job.Offset + _headerAndIvSize, job.BodyLength).Clear();
        }

        return buffer;
    }

    /// <summary>The buffer before sealing in place.</summary>
    public byte[] WithBodies()
    {
        byte[] buffer = [.. Opened];
        foreach (SealJob job in SealJobs)
        {
            buffer.AsSpan(job.Offset + job.Length - job.Key.IcvSize, job.Key.IcvSize).Clear();
        }

        return buffer;
    }

    /// <summary>Octets of the shortest ciphertext that a body and a trailer without padding fit into.</summary>
    public static int WithTrailer(CipherSuite suite, int bodyLength)
    {
        const int TrailerSize = 2;
        return (bodyLength + TrailerSize + suite.BlockSize - 1) / suite.BlockSize * suite.BlockSize;
    }

    public void Dispose()
    {
        Array.ForEach(_keys, key => key.Dispose());
    }
}
