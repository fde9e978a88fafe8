using System.Security.Cryptography;
using System.Text.Json;
using NatT.Crypto.Portable;

namespace NatT.Crypto.Tests;

/// <summary>Project Wycheproof's AES-CBC and HMAC-SHA-256 vectors.</summary>
public sealed class WycheproofTests
{
    [Fact]
    public void Every_cbc_vector_with_right_padding_is_sealed_and_opened_as_it_says()
    {
        int checkedVectors = 0;
        foreach (JsonElement test in Tests("aes_cbc_pkcs5_test.json").Where(IsValid))
        {
            byte[] message = Octets(test, "msg");
            int padding = 16 - (message.Length % 16);
            byte[] plaintext = [.. message, .. Enumerable.Repeat((byte)padding, padding)];
            AssertSealsAndOpens(Octets(test, "key"), Octets(test, "iv"), plaintext, Octets(test, "ct"), Id(test));
            checkedVectors++;
        }

        Assert.Equal(72, checkedVectors);
    }

    [Fact]
    public void Every_hmac_vector_is_accepted_or_refused_as_it_says()
    {
        int checkedVectors = 0;
        foreach (JsonElement test in Tests("hmac_sha256_test.json"))
        {
            byte[] key = Octets(test, "key");
            byte[] message = Octets(test, "msg");
            byte[] tag = Octets(test, "tag");

            // The engine's ICV is the first 128 bits; a forged tag whose difference lies behind them is the witness's to find.
            using var cipherKey = (BouncyCastleAesCbcHmacKey)new BouncyCastleAesCbcHmacSha256().CreateKey(new byte[16], key, 16);
            byte[] icv = new byte[16];
            cipherKey.ComputeIcv(message, sequenceHigh: null, icv);
            byte[] whole = Witness.Authenticate(HmacHash.Sha256, key, message);
            Assert.True(whole.AsSpan(0, 16).SequenceEqual(icv), Id(test));
            Assert.True(whole.AsSpan(0, tag.Length).SequenceEqual(tag) == IsValid(test), Id(test));
            if (tag.Length == 16)
            {
                Assert.True(CryptographicOperations.FixedTimeEquals(icv, tag) == IsValid(test), Id(test));
            }

            checkedVectors++;
        }

        Assert.Equal(174, checkedVectors);
    }

    internal static IEnumerable<JsonElement> Tests(string file)
    {
        using Stream stream = typeof(WycheproofTests).Assembly.GetManifestResourceStream(file)!;
        using var document = JsonDocument.Parse(stream);
        return [.. document.RootElement.Clone().GetProperty("testGroups").EnumerateArray()
            .SelectMany(group => group.GetProperty("tests").EnumerateArray())];
    }

    internal static bool IsValid(JsonElement test) => test.GetProperty("result").GetString() == "valid";

    internal static string Id(JsonElement test) => $"tcId {test.GetProperty("tcId").GetInt32()}";

    internal static byte[] Octets(JsonElement test, string name) => Convert.FromHexString(test.GetProperty(name).GetString()!);

    private static void AssertSealsAndOpens(byte[] key, byte[] iv, byte[] plaintext, byte[] ciphertext, string id)
    {
        foreach (CipherSuite suite in Engines.Of<AesCbcHmacSha256>())
        {
            using CipherKey cipherKey = suite.CreateKey(key, new byte[32], 12);
            byte[] packet = [.. new byte[8], .. iv, .. new byte[ciphertext.Length + 12]];
            var seal = new SealJob { Key = cipherKey, BodyOffset = 0, BodyLength = plaintext.Length, Offset = 0, Length = packet.Length };
            suite.Seal(plaintext, packet, [seal]);
            Assert.True(packet.AsSpan()[24..^12].SequenceEqual(ciphertext), id);

            OpenJob[] open = [new OpenJob { Key = cipherKey, Offset = 0, Length = packet.Length }];
            suite.Open(packet, open);
            Assert.True(open[0].IsAuthentic && packet.AsSpan()[24..^12].SequenceEqual(plaintext), id);
        }
    }
}
