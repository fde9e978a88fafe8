using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using NatT.Crypto.Kernels;

namespace NatT.Crypto.Tests;

/// <summary>Project Wycheproof's AES-GCM vectors with nonces of 96 bits and ICVs of 128.</summary>
/// <remarks>A packet's associated data has 8 or 12 octets, and few vectors' has, so all go to the kernels below the contract too.</remarks>
public sealed unsafe class WycheproofAesGcmTests
{
    private const int IcvSize = 16;

    [Fact]
    public void Every_vector_is_sealed_and_opened_by_every_kernel_as_it_says()
    {
        AssertAgrees<Vector128<ulong>, GhashPclmulqdq>(isSupported: Pclmulqdq.IsSupported && Ssse3.IsSupported);
        AssertAgrees<Vector256<ulong>, GhashV256>(isSupported: Pclmulqdq.V256.IsSupported && Avx2.IsSupported);
        AssertAgrees<Vector512<ulong>, GhashV512>(isSupported: Pclmulqdq.V512.IsSupported && Avx512BW.IsSupported);
    }

    [Fact]
    public void Every_vector_that_could_be_a_packet_is_sealed_and_opened_by_every_engine_as_it_says()
    {
        int checkedVectors = 0;
        foreach (JsonElement test in Vectors().Where(IsPacket))
        {
            byte[] associated = WycheproofTests.Octets(test, "aad");
            byte[] nonce = WycheproofTests.Octets(test, "iv");
            byte[] text = WycheproofTests.Octets(test, "msg");
            byte[] start = [.. associated.AsSpan(0, 4), .. associated.AsSpan(associated.Length - 4), .. nonce.AsSpan(4)];
            byte[] expected = [.. start, .. WycheproofTests.Octets(test, "ct"), .. WycheproofTests.Octets(test, "tag")];
            uint? high = associated.Length == AeadSuite.LongestAssociatedData ? Convert.ToUInt32(Convert.ToHexString(associated, 4, 4), 16) : null;
            foreach (CipherSuite suite in Engines.Of<AesGcm16>())
            {
                using CipherKey key = suite.CreateKey([.. WycheproofTests.Octets(test, "key"), .. nonce.AsSpan(0, 4)], [], IcvSize);
                byte[] packet = [.. start, .. new byte[text.Length + IcvSize]];
                var seal = new SealJob
                {
                    Key = key,
                    BodyOffset = 0,
                    BodyLength = text.Length,
                    Offset = 0,
                    Length = packet.Length,
                    SequenceHigh = high,
                };
                suite.Seal(text, packet, [seal]);
                Assert.True(expected.AsSpan().SequenceEqual(packet) && WycheproofTests.IsValid(test), WycheproofTests.Id(test));

                OpenJob[] open = [new OpenJob { Key = key, Offset = 0, Length = packet.Length, SequenceHigh = high }];
                suite.Open(packet, open);
                Assert.True(open[0].IsAuthentic && packet.AsSpan()[16..^IcvSize].SequenceEqual(text), WycheproofTests.Id(test));
            }

            checkedVectors++;
        }

        Assert.Equal(5, checkedVectors);
    }

    private static void AssertAgrees<TVector, TLanes>(bool isSupported)
        where TVector : unmanaged
        where TLanes : IGhashLanes<TVector>
    {
        if (!isSupported)
        {
            return;
        }

        int checkedVectors = 0;
        foreach (JsonElement test in Vectors())
        {
            byte[] text = WycheproofTests.Octets(test, "msg");
            byte[] ciphertext = WycheproofTests.Octets(test, "ct");
            byte[] icv = WycheproofTests.Octets(test, "tag");
            byte[] whole = [.. text, .. new byte[IcvSize]];
            byte[] computed = Run(test, whole, (packet, scratch) =>
            {
                Vector128<byte> sealedIcv = AesGcm<TVector, TLanes>.Seal(packet, scratch);
                *(Vector128<byte>*)(packet->Text + packet->Length) = sealedIcv;
                return true;
            }).Octets;
            Assert.True(computed.AsSpan(0, text.Length).SequenceEqual(ciphertext) || !WycheproofTests.IsValid(test), WycheproofTests.Id(test));
            Assert.True(computed.AsSpan(text.Length).SequenceEqual(icv) == WycheproofTests.IsValid(test), WycheproofTests.Id(test));

            byte[] received = [.. ciphertext, .. icv];
            (byte[] opened, bool isAuthentic) = Run(test, received, AesGcm<TVector, TLanes>.TryOpen);
            Assert.True(isAuthentic == WycheproofTests.IsValid(test), WycheproofTests.Id(test));
            Assert.Equal(isAuthentic ? [.. text, .. icv] : received, opened);
            checkedVectors++;
        }

        Assert.Equal(197, checkedVectors);
    }

    /// <summary>Text and ICV, and what becomes of a copy of them under the vector's key, nonce and associated data.</summary>
    private static (byte[] Octets, bool Result) Run(JsonElement test, byte[] textAndIcv, Kernel kernel)
    {
        byte[] nonce = WycheproofTests.Octets(test, "iv");
        byte[] octets = [.. textAndIcv];
        byte[] associated = WycheproofTests.Octets(test, "aad");
        byte[] padded = [.. associated, .. new byte[(16 - (associated.Length % 16)) % 16]];
        using var key = (KernelCipherKey<AesGcmKeys>)AesGcm16.Create().CreateKey(
            [.. WycheproofTests.Octets(test, "key"), .. nonce.AsSpan(0, 4)], [], IcvSize);
        Vector128<byte>* scratch = stackalloc Vector128<byte>[AesGcm<ulong, NoGhash>.ScratchBlocks];

        // SAFETY: the array has the text and room for an ICV.
        fixed (byte* start = octets)
        {
            var packet = new GcmPacket
            {
                Keys = key.Keys,
                FirstCounter = Vector128.Create((ReadOnlySpan<byte>)[.. nonce, 0, 0, 0, 1]),
                AssociatedLength = associated.Length,
                Body = start,
                BodyLength = octets.Length - IcvSize,
                Text = start,
                Length = octets.Length - IcvSize,
            };
            var h = ((Vector128<ulong>*)key.Keys->Powers)[Ghash.Powers - 1];
            foreach (byte[] block in padded.Chunk(16))
            {
                packet.Hash = Ghash.Multiply(packet.Hash ^ Ghash.Reverse(Vector128.Create(block)), h);
            }

            bool result = kernel(&packet, scratch);
            return (octets, result);
        }
    }

    private static IEnumerable<JsonElement> Vectors() => WycheproofTests.Tests("aes_gcm_test.json");

    /// <summary>A packet is never empty.</summary>
    private static bool IsPacket(JsonElement test) =>
        WycheproofTests.Octets(test, "aad").Length is CipherSuite.HeaderSize or AeadSuite.LongestAssociatedData
        && WycheproofTests.Octets(test, "msg").Length > 0;

    private delegate bool Kernel(GcmPacket* packet, Vector128<byte>* scratch);
}
