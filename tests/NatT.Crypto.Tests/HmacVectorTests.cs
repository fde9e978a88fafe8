using System.Text;
using NatT.Crypto.Portable;

namespace NatT.Crypto.Tests;

/// <summary>HMAC-SHA-256 by RFC 4231 and RFC 4868 §2.7.2.1, truncated as ESP truncates it.</summary>
/// <remarks>
/// Their messages are shorter than the shortest packet, so each vector is checked in three steps: the engine's own MAC,
/// the witness, and whole packets of engine and witness under the vector's key.
/// </remarks>
public sealed class HmacVectorTests
{
    private const string LongMessage =
        "This is a test using a larger than block-size key and a larger than block-size data. "
        + "The key needs to be hashed before being used by the HMAC algorithm.";

    /// <summary>Key, message, and the whole digest, or as much of it as the RFC prints.</summary>
    public static TheoryData<string, string, string> Vectors => new()
    {
        // RFC 4231, cases 1 to 7.
        { Repeat("0b", 20), Ascii("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        { Ascii("Jefe"), Ascii("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { Repeat("aa", 20), Repeat("dd", 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
        { Counting(25), Repeat("cd", 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
        { Repeat("0c", 20), Ascii("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b" },
        {
            Repeat("aa", 131), Ascii("Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        },
        {
            Repeat("aa", 131),
            Ascii(LongMessage),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        },

        // RFC 4868 §2.7.2.1, AUTH256-1 to AUTH256-4.
        { Repeat("0b", 32), Ascii("Hi There"), "198a607eb44bfbc69903a0f1cf2bbdc5" },
        { Ascii("JefeJefeJefeJefeJefeJefeJefeJefe"), Ascii("what do ya want for nothing?"), "167f928588c5cc2eef8e3093caa0e87c" },
        { Repeat("aa", 32), Repeat("dd", 50), "cdcb1220d1ecccea91e53aba3092f962" },
        { Counting(32), Repeat("cd", 50), "372efcf9b40b35c2115b1346903d2ef4" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_portable_engine_truncates_to_the_printed_octets(string key, string message, string digest)
    {
        foreach (int icvSize in new[] { 12, 16 })
        {
            using var cipherKey = (BouncyCastleAesCbcHmacKey)new BouncyCastleAesCbcHmacSha256()
                .CreateKey(new byte[16], Convert.FromHexString(key), icvSize);
            byte[] icv = new byte[icvSize];

            cipherKey.ComputeIcv(Convert.FromHexString(message), sequenceHigh: null, icv);

            Assert.Equal(digest[..(icvSize * 2)], Convert.ToHexStringLower(icv));
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_witness_agrees_with_the_vectors(string key, string message, string digest) =>
        Assert.StartsWith(
            digest,
            Convert.ToHexStringLower(Witness.Authenticate(Convert.FromHexString(key), Convert.FromHexString(message))),
            StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Packets_under_the_vectors_keys_equal_the_witness(string key, string message, string digest)
    {
        Assert.NotEmpty(digest);
        byte[] body = Convert.FromHexString(message);
        byte[] plaintext = [.. body, .. new byte[16 - (body.Length % 16)]];
        foreach (CipherSuite suite in Engines.Of<AesCbcHmacSha256>())
        {
            foreach (int icvSize in new[] { 12, 16 })
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
    [Fact]
    public void A_vector_as_long_as_a_packet_is_authentic_as_a_packet()
    {
        byte[] message = Encoding.ASCII.GetBytes(LongMessage);
        foreach (CipherSuite suite in Engines.Of<AesCbcHmacSha256>())
        {
            using CipherKey key = suite.CreateKey(new byte[16], Convert.FromHexString(Repeat("aa", 131)), 16);
            byte[] packet = [.. message, .. Convert.FromHexString("9b09ffa71b942fcb27635fbcd5b0e944")];
            OpenJob[] jobs = [new OpenJob { Key = key, Offset = 0, Length = packet.Length }];

            suite.Open(packet, jobs);

            Assert.True(jobs[0].IsAuthentic);
        }
    }

    private static string Repeat(string octet, int count) => string.Concat(Enumerable.Repeat(octet, count));

    private static string Ascii(string text) => Convert.ToHexStringLower(Encoding.ASCII.GetBytes(text));

    private static string Counting(int count) => Convert.ToHexStringLower([.. Enumerable.Range(1, count).Select(i => (byte)i)]);
}
