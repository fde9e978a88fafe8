namespace NatT.Crypto.Tests;

/// <summary>Every engine keeps to its buffers: the pages before and behind them would end the test host.</summary>
public sealed class BoundsContractTests
{
    private static readonly int[] BatchSizes = [1, 2, 3, 4, 5, 8, 9, 16, 17, 40];

    /// <summary>In octets, of which a suite takes what is whole blocks of its own.</summary>
    private static readonly int[] CiphertextLengths =
        [16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 1408, 1, 2, 4, 15, 17, 28, 63, 65, 100, 127, 129, 191, 193, 255, 257, 300, 511, 513, 1420];

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void Nothing_is_read_or_written_behind_the_buffers(string engine) =>
        SealAndOpen(Engines.Named(engine), (memory, size) => memory.Last(size));

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void Nothing_is_read_or_written_before_the_buffers(string engine) =>
        SealAndOpen(Engines.Named(engine), (memory, size) => memory.First(size));

    private static void SealAndOpen(CipherSuite suite, Cut cut)
    {
        using var sources = new GuardedMemory(200_000);
        using var destinations = new GuardedMemory(200_000);
        foreach (int size in BatchSizes)
        {
            foreach (int ciphertext in CiphertextLengths.Where(length => length % suite.BlockSize == 0))
            {
                TestKeys keys = TestKeys.Number(suite, size + ciphertext, new Random(size));
                using CipherKey key = keys.CreateKey(suite);
                int bodyLength = Math.Max(0, ciphertext - (size % 16));
                Span<byte> source = cut(sources, size * bodyLength);
                Span<byte> destination = cut(destinations, size * (ciphertext + suite.Overhead(key.IcvSize)));
                SealAndOpen(keys, key, size, bodyLength, ciphertext, source, destination);
            }
        }
    }

    /// <summary>Equal packets, one behind the other without an octet between them.</summary>
    private static void SealAndOpen(
        TestKeys keys, CipherKey key, int size, int bodyLength, int ciphertext, Span<byte> source, Span<byte> destination)
    {
        byte[] headerAndIv = TestKeys.NextOctets(new Random(ciphertext), key.Suite.Overhead(icvSize: 0));
        byte[] plaintext = TestKeys.NextOctets(new Random(size), ciphertext);
        byte[] packet = Witness.Seal(key.Suite, keys, headerAndIv, plaintext, sequenceHigh: null);
        var sealJobs = new SealJob[size];
        var openJobs = new OpenJob[size];
        for (int i = 0; i < size; i++)
        {
            plaintext.AsSpan(0, bodyLength).CopyTo(source[(i * bodyLength)..]);
            headerAndIv.CopyTo(destination[(i * packet.Length)..]);
            plaintext.AsSpan(bodyLength).CopyTo(destination[((i * packet.Length) + headerAndIv.Length + bodyLength)..]);
            sealJobs[i] = new SealJob
            {
                Key = key,
                BodyOffset = i * bodyLength,
                BodyLength = bodyLength,
                Offset = i * packet.Length,
                Length = packet.Length,
            };
            openJobs[i] = new OpenJob { Key = key, Offset = i * packet.Length, Length = packet.Length };
        }

        key.Suite.Seal(source, destination, sealJobs);
        for (int i = 0; i < size; i++)
        {
            Assert.True(packet.AsSpan().SequenceEqual(destination.Slice(i * packet.Length, packet.Length)), $"{i} of {size} × {ciphertext}");
        }

        key.Suite.Open(destination, openJobs);
        Assert.All(openJobs, job => Assert.True(job.IsAuthentic));
    }

    private delegate Span<byte> Cut(GuardedMemory memory, int size);
}
