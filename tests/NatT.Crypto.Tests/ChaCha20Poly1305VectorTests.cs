using System.Buffers.Binary;

namespace NatT.Crypto.Tests;

/// <summary>RFC 7634's ESP packet, and those of RFC 8439's vectors that a packet can carry: IV and salt are the nonce, the block counter starts at 1.</summary>
public sealed class ChaCha20Poly1305VectorTests
{
    private const string CountingKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const string HighKey = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";

    /// <summary>Key, nonce, associated data, plaintext, ciphertext, ICV.</summary>
    public static TheoryData<string, string, string, string, string, string> Packets => new()
    {
        {
            // RFC 7634, appendix A: tunnel mode, ping.
            HighKey, "a0a1a2a3" + "1011121314151617", "0102030400000005",
            "45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec10"
                + "0007362708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223"
                + "2425262728292a2b2c2d2e2f303132333435363701020204",
            "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c6"
                + "14ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3"
                + "cbec163fac469b502773f6fb94e664da9165b82829f641e0",
            "76aaa8266b7fb0f7b11b369907e1ad43"
        },
        {
            // RFC 8439 §2.8.2: its 12 octets of associated data are a header with the high half of the sequence number.
            HighKey, "07000000" + "4041424344454647", "50515253c0c1c2c3c4c5c6c7",
            "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
                + "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
                + "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
                + "637265656e20776f756c642062652069742e",
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
                + "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
                + "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                + "3ff4def08e4b7a9de576d26586cec64b6116",
            "1ae10b594f09e26a7e902ecbd0600691"
        },
    };

    /// <summary>Key, nonce, plaintext, ciphertext.</summary>
    public static TheoryData<string, string, string, string> Streams => new()
    {
        {
            // RFC 8439 §2.3.2: the block itself.
            CountingKey, "000000090000004a00000000", new string('0', 128),
            "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
                + "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
        },
        {
            // RFC 8439 §2.4.2.
            CountingKey, "000000000000004a00000000",
            "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
                + "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
                + "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
                + "637265656e20776f756c642062652069742e",
            "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b"
                + "f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8"
                + "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736"
                + "5af90bbf74a35be6b40b8eedf2785e42874d"
        },
    };

    [Theory]
    [MemberData(nameof(Packets))]
    public void Whole_packets_come_out_as_printed(
        string key, string nonce, string associated, string plaintext, string ciphertext, string icv)
    {
        foreach (ChaCha20Poly1305 suite in Engines.Of<ChaCha20Poly1305>())
        {
            using var one = new OnePacket(suite, key, nonce, associated, plaintext.Length / 2);

            one.Seal(plaintext);
            Assert.Equal(ciphertext, one.Text);
            Assert.Equal(icv, one.Icv);

            Assert.True(one.TryOpen());
            Assert.Equal(plaintext, one.Text);
        }
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Texts_are_encrypted_as_printed(string key, string nonce, string plaintext, string ciphertext)
    {
        foreach (ChaCha20Poly1305 suite in Engines.Of<ChaCha20Poly1305>())
        {
            using var one = new OnePacket(suite, key, nonce, "0102030405060708", plaintext.Length / 2);

            one.Seal(plaintext);

            Assert.Equal(ciphertext, one.Text);
        }
    }

    /// <summary>A packet in the terms that vectors use.</summary>
    internal sealed class OnePacket : IDisposable
    {
        private const int TextOffset = 16;

        private readonly CipherKey _key;
        private readonly byte[] _packet;
        private readonly uint? _sequenceHigh;

        /// <param name="suite">Any engine.</param>
        /// <param name="key">Without salt.</param>
        /// <param name="nonce">Salt and IV.</param>
        /// <param name="associated">8 octets, or 12 with the high half of the sequence number in the middle.</param>
        /// <param name="textLength">In octets.</param>
        public OnePacket(ChaCha20Poly1305 suite, string key, string nonce, string associated, int textLength)
        {
            _key = suite.CreateKey(Convert.FromHexString(key + nonce[..8]), [], AeadSuite.IcvSize);
            string header = associated.Length == 16 ? associated : associated[..8] + associated[16..];
            _sequenceHigh = associated.Length == 16 ? null : BinaryPrimitives.ReadUInt32BigEndian(Convert.FromHexString(associated[8..16]));
            _packet = [.. Convert.FromHexString(header + nonce[8..]), .. new byte[textLength + AeadSuite.IcvSize]];
        }

        public string Text => Convert.ToHexStringLower(_packet.AsSpan()[TextOffset..^AeadSuite.IcvSize]);

        public string Icv => Convert.ToHexStringLower(_packet.AsSpan()[^AeadSuite.IcvSize..]);

        public void Seal(string plaintext)
        {
            byte[] body = Convert.FromHexString(plaintext);
            var job = new SealJob
            {
                Key = _key,
                BodyOffset = 0,
                BodyLength = body.Length,
                Offset = 0,
                Length = _packet.Length,
                SequenceHigh = _sequenceHigh,
            };
            _key.Suite.Seal(body, _packet, [job]);
        }

        public void Put(string ciphertextAndIcv) => Convert.FromHexString(ciphertextAndIcv).CopyTo(_packet, TextOffset);

        public bool TryOpen()
        {
            OpenJob[] jobs = [new OpenJob { Key = _key, Offset = 0, Length = _packet.Length, SequenceHigh = _sequenceHigh }];
            _key.Suite.Open(_packet, jobs);
            return jobs[0].IsAuthentic;
        }

        public void Dispose() => _key.Dispose();
    }
}
