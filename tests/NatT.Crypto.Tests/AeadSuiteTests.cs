namespace NatT.Crypto.Tests;

/// <summary>What suites whose cipher authenticates ask of their keys, beyond every suite's contract.</summary>
public sealed class AeadSuiteTests
{
    [Fact]
    public void A_key_has_one_of_the_ciphers_lengths_and_a_salt()
    {
        foreach (AeadSuite suite in Engines.Of<AeadSuite>())
        {
            for (int octets = 0; octets <= 80; octets++)
            {
                if (suite.KeySizes.Contains(octets - AeadSuite.SaltSize))
                {
                    suite.CreateKey(new byte[octets], [], 16).Dispose();
                    continue;
                }

                ArgumentException refusal = Assert.ThrowsAny<ArgumentException>(() => suite.CreateKey(new byte[octets], [], 16));
                Assert.StartsWith($"A key of {suite.Name} has ", refusal.Message, StringComparison.Ordinal);
                Assert.Contains($"not {octets}.", refusal.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void The_key_of_a_mac_is_refused() => Assert.All(
        Engines.Of<AeadSuite>(),
        suite => Assert.ThrowsAny<ArgumentException>(() => suite.CreateKey(new byte[suite.KeySizes[0] + AeadSuite.SaltSize], new byte[32], 16)));

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(15)]
    [InlineData(17)]
    public void An_icv_has_128_bits(int octets) => Assert.All(
        Engines.Of<AeadSuite>(),
        suite => Assert.ThrowsAny<ArgumentException>(() => suite.CreateKey(new byte[suite.KeySizes[0] + AeadSuite.SaltSize], [], octets)));

    [Fact]
    public void A_packet_sealed_with_another_salt_does_not_open()
    {
        foreach (AeadSuite suite in Engines.Of<AeadSuite>())
        {
            TestKeys keys = TestKeys.Number(suite, 0, new Random(50));
            using CipherKey key = keys.CreateKey(suite);
            for (int octet = 1; octet <= AeadSuite.SaltSize; octet++)
            {
                TestKeys salted = keys with { Encryption = [.. keys.Encryption] };
                salted.Encryption[^octet] ^= 1;
                byte[] packet = Witness.Seal(suite, salted, new byte[suite.Overhead(icvSize: 0)], new byte[40], sequenceHigh: null);
                byte[] before = [.. packet];
                OpenJob[] jobs = [new OpenJob { Key = key, Offset = 0, Length = packet.Length }];

                suite.Open(packet, jobs);

                Assert.False(jobs[0].IsAuthentic);
                Assert.Equal(before, packet);
            }
        }
    }
}
