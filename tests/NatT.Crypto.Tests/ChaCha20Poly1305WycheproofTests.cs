using System.Buffers.Binary;
using System.Text.Json;
using NatT.Crypto.Kernels;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;

namespace NatT.Crypto.Tests;

/// <summary>Project Wycheproof's ChaCha20-Poly1305 vectors whose nonces have RFC 8439's length.</summary>
public sealed class ChaCha20Poly1305WycheproofTests
{
    [Fact]
    public void Every_vector_that_a_packet_can_carry_is_sealed_and_opened_as_it_says()
    {
        int checkedVectors = 0;
        foreach (JsonElement test in Tests().Where(test => Hex(test, "msg") != "" && Hex(test, "aad").Length is 16 or 24))
        {
            foreach (ChaCha20Poly1305 suite in Engines.Of<ChaCha20Poly1305>())
            {
                using var one = new ChaCha20Poly1305VectorTests.OnePacket(
                    suite, Hex(test, "key"), Hex(test, "iv"), Hex(test, "aad"), Hex(test, "msg").Length / 2);
                one.Seal(Hex(test, "msg"));
                Assert.True(one.Text == Hex(test, "ct") && (one.Icv == Hex(test, "tag")) == IsValid(test), Id(test));

                one.Put(Hex(test, "ct") + Hex(test, "tag"));
                Assert.True(one.TryOpen() == IsValid(test), Id(test));
                Assert.True(one.Text == Hex(test, IsValid(test) ? "msg" : "ct"), Id(test));
            }

            checkedVectors++;
        }

        Assert.Equal(46, checkedVectors);
    }

    /// <summary>Packets have 8 or 12 octets of associated data; with any other number the two halves of the cipher are asked one by one.</summary>
    [Fact]
    public void Every_vector_is_encrypted_and_authenticated_as_it_says()
    {
        int checkedVectors = 0;
        foreach (JsonElement test in Tests())
        {
            foreach (ChaCha20Poly1305 suite in Engines.Of<ChaCha20Poly1305>().Where(_ => Hex(test, "msg") != ""))
            {
                using var one = new ChaCha20Poly1305VectorTests.OnePacket(
                    suite, Hex(test, "key"), Hex(test, "iv"), new string('0', 16), Hex(test, "msg").Length / 2);
                one.Seal(Hex(test, "msg"));
                Assert.True(one.Text == Hex(test, "ct"), Id(test));
            }

            byte[] key = OneTimeKey(Octets(test, "key"), Octets(test, "iv"));
            byte[] message = Authenticated(Octets(test, "aad"), Octets(test, "ct"));
            foreach (KernelTier tier in Enum.GetValues<KernelTier>().Where(KernelTiers.HasVectors))
            {
                string icv = Convert.ToHexStringLower(Poly1305Tests.Icv(tier, key, message));
                Assert.True((icv == Hex(test, "tag")) == IsValid(test), $"{Id(test)} {tier}");
            }

            checkedVectors++;
        }

        Assert.Equal(316, checkedVectors);
    }

    /// <summary>RFC 8439 §2.6.</summary>
    private static byte[] OneTimeKey(byte[] key, byte[] nonce)
    {
        var engine = new ChaCha7539Engine();
        engine.Init(true, new ParametersWithIV(new KeyParameter(key), nonce));
        byte[] block = new byte[32];
        engine.ProcessBytes(new byte[32], 0, 32, block, 0);
        return block;
    }

    /// <summary>RFC 8439 §2.8: what Poly1305 takes in, a whole number of blocks.</summary>
    private static byte[] Authenticated(byte[] associated, byte[] ciphertext)
    {
        byte[] lengths = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(lengths, associated.Length);
        BinaryPrimitives.WriteInt64LittleEndian(lengths.AsSpan(8), ciphertext.Length);
        return [.. associated, .. Padding(associated), .. ciphertext, .. Padding(ciphertext), .. lengths];

        static byte[] Padding(byte[] octets) => new byte[-octets.Length & 15];
    }

    private static List<JsonElement> Tests()
    {
        using Stream stream = typeof(ChaCha20Poly1305WycheproofTests).Assembly.GetManifestResourceStream("chacha20_poly1305_test.json")!;
        using var document = JsonDocument.Parse(stream);
        return [.. document.RootElement.Clone().GetProperty("testGroups").EnumerateArray()
            .Where(group => group.GetProperty("ivSize").GetInt32() == 8 * AeadSuite.NonceSize)
            .SelectMany(group => group.GetProperty("tests").EnumerateArray())];
    }

    private static bool IsValid(JsonElement test) => test.GetProperty("result").GetString() == "valid";

    private static string Id(JsonElement test) => $"tcId {test.GetProperty("tcId").GetInt32()}";

    private static string Hex(JsonElement test, string name) => test.GetProperty(name).GetString()!;

    private static byte[] Octets(JsonElement test, string name) => Convert.FromHexString(Hex(test, name));
}
