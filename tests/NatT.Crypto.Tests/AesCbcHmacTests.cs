namespace NatT.Crypto.Tests;

/// <summary>What AES-CBC with HMAC asks of its keys and ICVs, beyond every suite's contract.</summary>
public sealed class AesCbcHmacTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(64)]
    public void An_aes_key_has_128_192_or_256_bits(int octets) =>
        AssertRefuses(Engines.Of<AesCbcHmac>(), suite => new TestKeys(new byte[octets], new byte[32], suite.IcvSizes[0]));

    [Fact]
    public void An_hmac_key_has_at_least_one_octet() =>
        AssertRefuses(Engines.Of<AesCbcHmac>(), suite => new TestKeys(new byte[16], [], suite.IcvSizes[0]));

    [Theory]
    [InlineData("sha1", 12)]
    [InlineData("sha256", 12, 16)]
    [InlineData("sha384", 24)]
    [InlineData("sha512", 32)]
    public void An_icv_has_the_length_of_its_hashs_RFC_and_no_other(string hash, params int[] possible)
    {
        foreach (int octets in Enumerable.Range(-1, 66).Except(possible))
        {
            AssertRefuses(Engines.Of(HmacVectors.HashNamed(hash)), _ => new TestKeys(new byte[16], new byte[32], octets));
        }
    }

    [Theory]
    [InlineData("sha1", "aes-cbc-hmac-sha1")]
    [InlineData("sha256", "aes-cbc-hmac-sha256")]
    [InlineData("sha384", "aes-cbc-hmac-sha384")]
    [InlineData("sha512", "aes-cbc-hmac-sha512")]
    public void Its_name_tells_the_hash(string hash, string name) =>
        Assert.Equal(name, AesCbcHmac.Create(HmacVectors.HashNamed(hash)).Name);

    [Fact]
    public void Ninety_six_bits_of_an_icv_do_not_pass_for_128()
    {
        foreach (AesCbcHmac suite in Engines.Of(HmacHash.Sha256))
        {
            TestKeys keys = TestKeys.Number(suite, 0, new Random(10)) with { IcvSize = 12 };
            using CipherKey key = (keys with { IcvSize = 16 }).CreateKey(suite);
            byte[] packet = [.. Witness.Seal(suite, keys, new byte[24], new byte[32], sequenceHigh: null), 0, 0, 0, 0];
            OpenJob[] jobs = [new OpenJob { Key = key, Offset = 0, Length = packet.Length }];

            suite.Open(packet, jobs);

            Assert.False(jobs[0].IsAuthentic);
        }
    }

    private static void AssertRefuses(IEnumerable<AesCbcHmac> suites, Func<AesCbcHmac, TestKeys> keysFor) => Assert.All(
        suites,
        suite =>
        {
            TestKeys keys = keysFor(suite);
            Assert.ThrowsAny<ArgumentException>(() => keys.CreateKey(suite));
        });
}
