namespace NatT.Crypto.Tests;

/// <summary>A job that does not fit its buffers is a caller's bug and never reaches an engine.</summary>
public sealed class ArgumentContractTests
{
    private const int CiphertextLength = 32;

    public static TheoryData<int, int> MisfitBodies => new()
    {
        { -1, 20 },
        { 0, -1 },
        { 0, 33 },
        { 81, 20 },
        { 101, 0 },
        { int.MaxValue, 20 },
        { int.MinValue, 20 },
        { 0, int.MaxValue },
        { 50, int.MinValue },
    };

    [Fact]
    public void A_packet_outside_its_buffer_or_of_broken_blocks_is_refused() => ForEachEngine((suite, key) =>
    {
        foreach ((int offset, int length) in MisfitPackets(suite))
        {
            var seal = new SealJob { Key = key, BodyOffset = 0, BodyLength = 0, Offset = offset, Length = length };
            var open = new OpenJob { Key = key, Offset = offset, Length = length };

            AssertRefusesToSeal(suite, seal);
            AssertRefusesToOpen(suite, open);
        }
    });

    [Theory]
    [MemberData(nameof(MisfitBodies))]
    public void A_body_outside_its_source_or_longer_than_its_ciphertext_is_refused(int offset, int length) => ForEachEngine((suite, key) =>
        AssertRefusesToSeal(suite, new SealJob { Key = key, BodyOffset = offset, BodyLength = length, Offset = 0, Length = PacketLength(suite) }));

    [Fact]
    public void A_key_of_another_suite_or_engine_is_refused() => ForEachEngine((suite, _) => ForEachEngine((another, foreign) =>
    {
        if (another != suite)
        {
            int length = PacketLength(suite);
            AssertRefusesToSeal(suite, new SealJob { Key = foreign, BodyOffset = 0, BodyLength = 20, Offset = 0, Length = length });
            AssertRefusesToOpen(suite, new OpenJob { Key = foreign, Offset = 0, Length = length });
        }
    }));

    [Fact]
    public void A_job_without_a_key_is_refused() => ForEachEngine((suite, _) =>
    {
        AssertRefusesToSeal(suite, default);
        AssertRefusesToOpen(suite, default);
    });

    [Fact]
    public void One_misfit_in_a_batch_leaves_the_others_untouched() => ForEachEngine((suite, key) =>
    {
        byte[] source = [.. Enumerable.Repeat((byte)1, 100)];
        byte[] destination = new byte[200];
        var good = new SealJob { Key = key, BodyOffset = 0, BodyLength = 20, Offset = 0, Length = PacketLength(suite) };

        Assert.ThrowsAny<ArgumentException>(() => suite.Seal(source, destination, [good, good with { Offset = 150 }]));

        Assert.All(destination, octet => Assert.Equal(0, octet));
    });

    [Fact]
    public void A_key_knows_its_suite_and_icv_length() => ForEachEngine((suite, _) =>
    {
        for (int i = 0; i < 6; i++)
        {
            TestKeys keys = TestKeys.Number(suite, i, new Random(i));
            using CipherKey key = keys.CreateKey(suite);

            Assert.Same(suite, key.Suite);
            Assert.Equal(keys.IcvSize, key.IcvSize);
            Assert.Equal(CipherSuite.HeaderSize + suite.IvSize + keys.IcvSize, suite.Overhead(key.IcvSize));
        }
    });

    [Fact]
    public void A_key_does_not_depend_on_the_caller_keeping_its_octets() => ForEachEngine((suite, _) =>
    {
        TestKeys keys = TestKeys.Number(suite, 0, new Random(12));
        byte[] headerAndIv = new byte[suite.Overhead(icvSize: 0)];
        byte[] packet = Witness.Seal(suite, keys, headerAndIv, new byte[CiphertextLength], sequenceHigh: null);
        using CipherKey key = keys.CreateKey(suite);
        Array.Clear(keys.Encryption);
        Array.Clear(keys.Authentication);
        OpenJob[] jobs = [new OpenJob { Key = key, Offset = 0, Length = packet.Length }];

        suite.Open(packet, jobs);

        Assert.True(jobs[0].IsAuthentic);
        Assert.Equal(new byte[CiphertextLength], packet[headerAndIv.Length..^keys.IcvSize]);
    });

    [Fact]
    public void A_disposed_key_seals_and_opens_nothing() => ForEachEngine((suite, _) =>
    {
        TestKeys keys = TestKeys.Number(suite, 0, new Random(13));
        byte[] packet = Witness.Seal(suite, keys, new byte[suite.Overhead(icvSize: 0)], new byte[CiphertextLength], sequenceHigh: null);
        CipherKey key = keys.CreateKey(suite);
        var seal = new SealJob { Key = key, BodyOffset = 0, BodyLength = CiphertextLength, Offset = 0, Length = packet.Length };
        var open = new OpenJob { Key = key, Offset = 0, Length = packet.Length };

        key.Dispose();
        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => suite.Seal(new byte[CiphertextLength], packet, [seal]));
        Assert.Throws<ObjectDisposedException>(() => suite.Open(packet, new[] { open }));
    });

    /// <summary>Offset and length of packets that a buffer of 200 octets cannot hold or that are no whole number of blocks.</summary>
    private static List<(int Offset, int Length)> MisfitPackets(CipherSuite suite)
    {
        int length = PacketLength(suite);
        List<(int Offset, int Length)> misfits =
        [
            (-1, length),
            (int.MinValue, length),
            (200 - length + 1, length),
            (201, length),
            (int.MaxValue, length),
            (0, suite.Overhead(suite.IcvSizes[0])),
            (0, suite.Overhead(suite.IcvSizes[0]) - 1),
            (0, suite.Overhead(icvSize: 0)),
            (0, 0),
            (0, -1),
            (0, length + 144),
            (0, int.MaxValue),
            (0, int.MaxValue - 7),

            // Subtracting the overhead from these wraps round to a plausible ciphertext.
            (0, int.MinValue + 8),
            (0, int.MinValue + 24),
        ];
        if (suite.BlockSize > 1)
        {
            misfits.AddRange([(0, length - 1), (0, length + 1)]);
        }

        return misfits;
    }

    private static int PacketLength(CipherSuite suite) => CiphertextLength + suite.Overhead(suite.IcvSizes[0]);

    private static void ForEachEngine(Action<CipherSuite, CipherKey> test)
    {
        foreach (string name in (IEnumerable<string>)Engines.Names)
        {
            CipherSuite suite = Engines.Named(name);
            using CipherKey key = TestKeys.Number(suite, 0, new Random(14)).CreateKey(suite);
            test(suite, key);
        }
    }

    private static void AssertRefusesToSeal(CipherSuite suite, SealJob job)
    {
        byte[] destination = new byte[200];
        ArgumentException refusal = Assert.ThrowsAny<ArgumentException>(() => suite.Seal(new byte[100], destination, [job]));
        AssertRefusedByTheContract(refusal);
        Assert.All(destination, octet => Assert.Equal(0, octet));
    }

    private static void AssertRefusesToOpen(CipherSuite suite, OpenJob job) =>
        AssertRefusedByTheContract(Assert.ThrowsAny<ArgumentException>(() => suite.Open(new byte[200], new[] { job })));

    /// <summary>A span's bounds check would also be an <see cref="ArgumentException"/>, but engines may leave those out.</summary>
    private static void AssertRefusedByTheContract(ArgumentException refusal) =>
        Assert.StartsWith("A job's", refusal.Message, StringComparison.Ordinal);
}
