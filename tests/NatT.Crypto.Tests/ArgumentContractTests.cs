using NatT.Crypto.Portable;

namespace NatT.Crypto.Tests;

/// <summary>A job that does not fit its buffers is a caller's bug and never reaches an engine.</summary>
public sealed class ArgumentContractTests
{
    private const int PacketLength = 24 + 32 + 16;

    /// <summary>Offset and length of packets that a buffer of 200 octets cannot hold or that are no whole number of blocks.</summary>
    public static TheoryData<int, int> MisfitPackets => new()
    {
        { -1, PacketLength },
        { int.MinValue, PacketLength },
        { 129, PacketLength },
        { 201, PacketLength },
        { int.MaxValue, PacketLength },
        { 0, PacketLength - 1 },
        { 0, PacketLength + 1 },
        { 0, 24 + 16 },
        { 0, 24 },
        { 0, 0 },
        { 0, -1 },
        { 0, PacketLength + 144 },
        { 0, int.MaxValue },
        { 0, int.MaxValue - 7 },

        // Subtracting the overhead from these wraps round to a plausible ciphertext.
        { 0, int.MinValue + 8 },
        { 0, int.MinValue + 24 },
    };

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

    [Theory]
    [MemberData(nameof(MisfitPackets))]
    public void A_packet_outside_its_buffer_or_of_broken_blocks_is_refused(int offset, int length) => ForEachEngine((suite, key) =>
    {
        var seal = new SealJob { Key = key, BodyOffset = 0, BodyLength = 0, Offset = offset, Length = length };
        var open = new OpenJob { Key = key, Offset = offset, Length = length };

        AssertRefusesToSeal(suite, seal);
        AssertRefusesToOpen(suite, open);
    });

    [Theory]
    [MemberData(nameof(MisfitBodies))]
    public void A_body_outside_its_source_or_longer_than_its_ciphertext_is_refused(int offset, int length) => ForEachEngine((suite, key) =>
        AssertRefusesToSeal(suite, new SealJob { Key = key, BodyOffset = offset, BodyLength = length, Offset = 0, Length = PacketLength }));

    [Fact]
    public void A_key_of_another_suite_is_refused() => ForEachEngine((suite, _) =>
    {
        using CipherKey foreign = new BouncyCastleAesCbcHmacSha256().CreateKey(new byte[16], new byte[32], 16);

        AssertRefusesToSeal(suite, new SealJob { Key = foreign, BodyOffset = 0, BodyLength = 20, Offset = 0, Length = PacketLength });
        AssertRefusesToOpen(suite, new OpenJob { Key = foreign, Offset = 0, Length = PacketLength });
    });

    [Fact]
    public void A_job_without_a_key_is_refused() => ForEachEngine((suite, _) =>
    {
        AssertRefusesToSeal(suite, default);
        AssertRefusesToOpen(suite, default);
    });

    [Fact]
    public void One_misfit_in_a_batch_leaves_the_others_untouched() => ForEachEngine((suite, key) =>
    {
        var good = new SealJob { Key = key, BodyOffset = 0, BodyLength = 20, Offset = 0, Length = PacketLength };
        byte[] source = [.. Enumerable.Repeat((byte)1, 100)];
        byte[] destination = new byte[200];

        Assert.ThrowsAny<ArgumentException>(() => suite.Seal(source, destination, [good, good with { Offset = 150 }]));

        Assert.All(destination, octet => Assert.Equal(0, octet));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(64)]
    public void An_aes_key_has_128_192_or_256_bits(int octets) => ForEachEngine((suite, _) =>
        Assert.ThrowsAny<ArgumentException>(() => suite.CreateKey(new byte[octets], new byte[32], 16)));

    [Fact]
    public void An_hmac_key_has_at_least_one_octet() => ForEachEngine((suite, _) =>
        Assert.ThrowsAny<ArgumentException>(() => suite.CreateKey(new byte[16], [], 16)));

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(32)]
    public void An_icv_has_96_or_128_bits(int octets) => ForEachEngine((suite, _) =>
        Assert.ThrowsAny<ArgumentException>(() => suite.CreateKey(new byte[16], new byte[32], octets)));

    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    public void A_key_knows_its_suite_and_icv_length(int icvSize) => ForEachEngine((suite, _) =>
    {
        using CipherKey key = suite.CreateKey(new byte[16], new byte[32], icvSize);

        Assert.Same(suite, key.Suite);
        Assert.Equal(icvSize, key.IcvSize);
        Assert.Equal(24 + icvSize, suite.Overhead(key.IcvSize));
    });

    [Fact]
    public void A_key_does_not_depend_on_the_caller_keeping_its_octets() => ForEachEngine((suite, _) =>
    {
        TestKeys keys = TestKeys.Number(0, new Random(12));
        byte[] encryption = [.. keys.Encryption];
        byte[] authentication = [.. keys.Authentication];
        using CipherKey key = suite.CreateKey(encryption, authentication, keys.IcvSize);
        byte[] packet = Witness.Seal(keys, new byte[24], new byte[32], sequenceHigh: null);
        Array.Clear(encryption);
        Array.Clear(authentication);
        OpenJob[] jobs = [new OpenJob { Key = key, Offset = 0, Length = packet.Length }];

        suite.Open(packet, jobs);

        Assert.True(jobs[0].IsAuthentic);
        Assert.Equal(new byte[32], packet[24..56]);
    });

    private static void ForEachEngine(Action<CipherSuite, CipherKey> test)
    {
        foreach (string name in (IEnumerable<string>)Engines.Names)
        {
            CipherSuite suite = Engines.Named(name);
            using CipherKey key = suite.CreateKey(new byte[16], new byte[32], 16);
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
