namespace NatT.Crypto.Tests;

/// <summary>What AES-CBC with HMAC-SHA-256 asks of its keys and ICVs, beyond every suite's contract.</summary>
public sealed class AesCbcHmacSha256Tests
{
    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(64)]
    public void An_aes_key_has_128_192_or_256_bits(int octets) => AssertRefuses(new TestKeys(new byte[octets], new byte[32], 16));

    [Fact]
    public void An_hmac_key_has_at_least_one_octet() => AssertRefuses(new TestKeys(new byte[16], [], 16));

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(32)]
    public void An_icv_has_96_or_128_bits(int octets) => AssertRefuses(new TestKeys(new byte[16], new byte[32], octets));

    [Fact]
    public void Ninety_six_bits_of_an_icv_do_not_pass_for_128()
    {
        foreach (CipherSuite suite in Engines.Of<AesCbcHmacSha256>())
        {
            TestKeys keys = TestKeys.Number(suite, 0, new Random(10)) with { IcvSize = 12 };
            using CipherKey key = (keys with { IcvSize = 16 }).CreateKey(suite);
            byte[] packet = [.. Witness.Seal(suite, keys, new byte[24], new byte[32], sequenceHigh: null), 0, 0, 0, 0];
            OpenJob[] jobs = [new OpenJob { Key = key, Offset = 0, Length = packet.Length }];

            suite.Open(packet, jobs);

            Assert.False(jobs[0].IsAuthentic);
        }
    }

    private static void AssertRefuses(TestKeys keys) =>
        Assert.All(Engines.Of<AesCbcHmacSha256>(), suite => Assert.ThrowsAny<ArgumentException>(() => keys.CreateKey(suite)));
}
