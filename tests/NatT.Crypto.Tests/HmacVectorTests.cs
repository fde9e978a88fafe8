using System.Text;
using NatT.Crypto.Portable;

namespace NatT.Crypto.Tests;

/// <summary>HMAC by <see cref="HmacVectors"/>, truncated as ESP truncates it.</summary>
/// <remarks>
/// Their messages are shorter than the shortest packet, so each vector is checked in three steps: the portable engine's own MAC,
/// the witness, and whole packets of engine and witness under the vector's key.
/// </remarks>
public sealed class HmacVectorTests
{
    [Theory]
    [MemberData(nameof(HmacVectors.All), MemberType = typeof(HmacVectors))]
    public void The_portable_engine_truncates_to_the_printed_octets(string hash, string key, string message, string digest)
    {
        foreach (int icvSize in HmacVectors.HashNamed(hash).IcvSizes)
        {
            using var hmac = new BouncyCastleHmac(HmacVectors.HashNamed(hash), Convert.FromHexString(key));
            byte[] icv = new byte[icvSize];

            hmac.ComputeIcv(Convert.FromHexString(message), sequenceHigh: null, icv);

            int printed = Math.Min(icvSize, digest.Length / 2);
            Assert.Equal(digest[..(printed * 2)], Convert.ToHexStringLower(icv.AsSpan(0, printed)));
        }
    }

    [Theory]
    [MemberData(nameof(HmacVectors.All), MemberType = typeof(HmacVectors))]
    public void The_witness_agrees_with_the_vectors(string hash, string key, string message, string digest) =>
        Assert.StartsWith(
            digest,
            Convert.ToHexStringLower(
                Witness.Authenticate(HmacVectors.HashNamed(hash), Convert.FromHexString(key), Convert.FromHexString(message))),
            StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(HmacVectors.All), MemberType = typeof(HmacVectors))]
    public void Packets_under_the_vectors_keys_equal_the_witness(string hash, string key, string message, string digest)
    {
        Assert.NotEmpty(digest);
        byte[] body = Convert.FromHexString(message);
        byte[] plaintext = [.. body, .. new byte[16 - (body.Length % 16)]];
        foreach (AesCbcHmac suite in Engines.Of(HmacVectors.HashNamed(hash)))
        {
            foreach (int icvSize in suite.IcvSizes)
            {
                var keys = new TestKeys(new byte[32], Convert.FromHexString(key), icvSize);
                using CipherKey cipherKey = keys.CreateKey(suite);
                byte[] packet = new byte[24 + plaintext.Length + icvSize];
                var job = new SealJob { Key = cipherKey, BodyOffset = 0, BodyLength = body.Length, Offset = 0, Length = packet.Length };

                suite.Seal(body, packet, [job]);

                Assert.Equal(Witness.Seal(suite, keys, new byte[24], plaintext, sequenceHigh: null), packet);
            }
        }
    }

    /// <summary>RFC 4231's last message happens to be as long as a packet up to its ICV, so it can be opened as one.</summary>
    [Theory]
    [InlineData("sha256", "9b09ffa71b942fcb27635fbcd5b0e944")]
    [InlineData("sha384", "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9a")]
    [InlineData("sha512", "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944")]
    public void A_vector_as_long_as_a_packet_is_authentic_as_a_packet(string hash, string icv)
    {
        byte[] message = Encoding.ASCII.GetBytes(HmacVectors.LongMessage);
        foreach (AesCbcHmac suite in Engines.Of(HmacVectors.HashNamed(hash)))
        {
            using CipherKey key = suite.CreateKey(new byte[16], Convert.FromHexString(HmacVectors.Repeat("aa", 131)), suite.IcvSizes[0]);
            byte[] packet = [.. message, .. Convert.FromHexString(icv)];
            OpenJob[] jobs = [new OpenJob { Key = key, Offset = 0, Length = packet.Length }];

            suite.Open(packet, jobs);

            Assert.True(jobs[0].IsAuthentic);
        }
    }
}
