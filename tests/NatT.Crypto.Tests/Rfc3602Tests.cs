namespace NatT.Crypto.Tests;

/// <summary>RFC 3602 §4: AES-128-CBC alone (cases 1 to 4) and in whole ESP packets (cases 5 to 8).</summary>
/// <remarks>The RFC's packets have no ICV; ours is behind them, over the same octets.</remarks>
public sealed class Rfc3602Tests
{
    private const string TransportKey = "90d382b410eeba7ad938c46cec1a82bf";
    private const string TunnelKey = "0123456789abcdef0123456789abcdef";

    /// <summary>Key, IV, plaintext, ciphertext.</summary>
    public static TheoryData<string, string, string, string> Ciphers => new()
    {
        {
            "06a9214036b8a15b512e03d534120006", "3dafba429d9eb430b422da802c9fac41",
            "53696e676c6520626c6f636b206d7367",
            "e353779c1079aeb82708942dbe77181a"
        },
        {
            "c286696d887c9aa0611bbb3e2025a45a", "562e17996d093d28ddb3ba695a2e6f58",
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1"
        },
        {
            "6c3ea0477630ce21a2ce334aa746c2cd", "c782dc4c098c66cbd9cd27d825682c81",
            "5468697320697320612034382d62797465206d657373616765202865786163746c79203320414553" + "20626c6f636b7329",
            "d0a02b3836451753d493665d33f0e8862dea54cdb293abc7506939276772f8d5021c19216bad525c8579695d83ba2684"
        },
        {
            "56e47a38c5598974bc46903dba290349", "8ce82eefbea0da3c44699ed7db51b7d9",
            "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
                + "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf",
            "c30e32ffedc0774e6aff6af0869f71aa0f3af07a9a31a9c684db207eb0ef8e4e"
                + "35907aa632c3ffdf868bb7b29d3d46ad83ce9f9a102ee99d49a53e87f4c3da55"
        },
    };

    /// <summary>Key, packet up to the end of its ciphertext, and the plaintext with padding and trailer.</summary>
    public static TheoryData<string, string, string> Packets => new()
    {
        {
            // Case 5: transport mode, ping.
            TransportKey,
            "0000432100000001" + "e96e8c08ab465763fd098d45dd3ff893"
                + "f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc856"
                + "a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874a"
                + "a269add047ad2d5913ac19b7cfbad4a6",
            "08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f1011121314151617"
                + "18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
                + "0102030405060708090a0b0c0d0e" + "0e01"
        },
        {
            // Case 6: transport mode, ping -p 77 -s 20.
            TransportKey,
            "0000432100000008" + "69d08df7d203329db093fc4924e5bd80"
                + "f51995881ec4e0c4488987ce742e8109689bb379d2d750c0d915dca346a89f75",
            "0800b5e8a80a0500a69c083d0b660e00777777777777777777777777" + "0102" + "0201"
        },
        {
            // Case 7: tunnel mode, ping.
            TunnelKey,
            "0000876500000002" + "f4e765244f6407adf13dc1380f673f37"
                + "773b5241a4c449225e4f3ce5ed611b0c237ca96cf74a93013c1b0ea1a0cf70f8"
                + "e4ecaec78ac53aad7a0f022b859243c647752e94a859352b8a4d4d2decd136e5"
                + "c177f132ad3fbfb2201ac9904c74ee0a109e0ca1e4dfe9d5a100b842f1c22f0d",
            "45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100b49c083d"
                + "02a2040008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223"
                + "2425262728292a2b2c2d2e2f3031323334353637" + "0102030405060708090a" + "0a04"
        },
        {
            // Case 8: tunnel mode, ping -p ff -s 40.
            TunnelKey,
            "0000876500000005" + "85d47224b5f3dd5d2101d4ea8dffab22"
                + "15b92683819596a8047232cc00f7048fe45318e11f8a0f62ede3c3fc61203bb5"
                + "0f980a08c9843fd3a1b06d5c07ff9639b7eb7dfb3512e5de435e7207ed971ef3"
                + "d2726d9b5ef6affc6d17a0decbb13892",
            "45000044090c00004001f990c0a87b03c0a87bc80800d63caa0a0200c69c083d"
                + "a3de0300ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                + "ffffffff" + "0102030405060708090a" + "0a04"
        },
    };

    [Theory]
    [MemberData(nameof(Ciphers))]
    public void Plaintext_becomes_the_ciphertext_and_back(string key, string iv, string plaintext, string ciphertext) =>
        AssertSealsAndOpens(key, new string('0', 16) + iv + ciphertext, plaintext);

    [Theory]
    [MemberData(nameof(Packets))]
    public void Whole_esp_packets_come_out_as_printed(string key, string packet, string plaintext) =>
        AssertSealsAndOpens(key, packet, plaintext);

    private static void AssertSealsAndOpens(string key, string packetHex, string plaintextHex)
    {
        byte[] expected = Convert.FromHexString(packetHex);
        byte[] plaintext = Convert.FromHexString(plaintextHex);
        foreach (CipherSuite suite in Engines.Of<AesCbcHmacSha256>())
        {
            using CipherKey cipherKey = suite.CreateKey(Convert.FromHexString(key), new byte[32], 16);
            byte[] packet = new byte[expected.Length + 16];
            expected.AsSpan(0, 24).CopyTo(packet);
            var seal = new SealJob { Key = cipherKey, BodyOffset = 0, BodyLength = plaintext.Length, Offset = 0, Length = packet.Length };
            suite.Seal(plaintext, packet, [seal]);
            Assert.Equal(expected, packet[..^16]);

            OpenJob[] open = [new OpenJob { Key = cipherKey, Offset = 0, Length = packet.Length }];
            suite.Open(packet, open);
            Assert.True(open[0].IsAuthentic);
            Assert.Equal(plaintext, packet[24..^16]);
        }
    }
}
