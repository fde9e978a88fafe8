using System.Runtime.Intrinsics;
using NatT.Crypto.Kernels;
using NatT.Crypto.Kernels.Arm64;

namespace NatT.Crypto.Tests;

/// <summary>The model of Arm's instructions, by the standards' examples; and the CPU's own, where it has them, by the model.</summary>
public sealed unsafe class ArmCryptoModelTests
{
    /// <summary>FIPS 180-4's worked example, whose one block holds "abc".</summary>
    private static readonly uint[] AbcBlock = [0x61626380, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x18];

    /// <summary>FIPS 197, appendix C: the first round of the cipher and of its equivalent inverse; appendix B: first and last.</summary>
    [Fact]
    public void Rounds_of_aes_are_those_of_FIPS_197()
    {
        // Appendix C.1: round[1].s_row, round[1].m_col.
        Vector128<byte> rows = ArmCryptoModel.Aese(Octets("00112233445566778899aabbccddeeff"), Octets("000102030405060708090a0b0c0d0e0f"));
        Assert.Equal(Octets("6353e08c0960e104cd70b751bacad0e7"), rows);
        Assert.Equal(Octets("5f72641557f5bc92f7be3b291db9f91a"), ArmCryptoModel.Aesmc(rows));

        // Appendix C.1, equivalent inverse cipher: round[1].is_row, round[1].im_col.
        rows = ArmCryptoModel.Aesd(Octets("69c4e0d86a7b0430d8cdb78070b4c55a"), Octets("13111d7fe3944a17f307a78b4d2b30c5"));
        Assert.Equal(Octets("bd6e7c3df2b5779e0b61216e8b10b689"), rows);
        Assert.Equal(Octets("4773b91ff72f354361cb018ea1e6cf2c"), ArmCryptoModel.Aesimc(rows));

        // Appendix B: round 1, and the last, which has no MixColumns.
        rows = ArmCryptoModel.Aese(Octets("3243f6a8885a308d313198a2e0370734"), Octets("2b7e151628aed2a6abf7158809cf4f3c"));
        Assert.Equal(Octets("d4bf5d30e0b452aeb84111f11e2798e5"), rows);
        Assert.Equal(Octets("046681e5e0cb199a48f8d37a2806264c"), ArmCryptoModel.Aesmc(rows));
        rows = ArmCryptoModel.Aese(Octets("eb40f21e592e38848ba113e71bc342d2"), Vector128<byte>.Zero);
        Assert.Equal(Octets("3925841d02dc09fbdc118597196a0b32"), rows ^ Octets("d014f9a8c9ee2589e13f0cc8b6630ca6"));
    }

    [Fact]
    public void Inverse_instructions_undo_the_others()
    {
        var random = new Random(60);
        for (int i = 0; i < 100; i++)
        {
            Vector128<byte> block = NextBlock(random);

            Assert.Equal(block, ArmCryptoModel.Aesd(ArmCryptoModel.Aese(block, Vector128<byte>.Zero), Vector128<byte>.Zero));
            Assert.Equal(block, ArmCryptoModel.Aesimc(ArmCryptoModel.Aesmc(block)));
        }
    }

    [Fact]
    public void Four_rounds_of_sha256_are_those_of_the_standards_example()
    {
        Vector128<uint> abcd = Vector128.Create(Sha256Constants.InitialState[..4]);
        Vector128<uint> efgh = Vector128.Create(Sha256Constants.InitialState[4..]);
        Vector128<uint> wk = Vector128.Create<uint>(AbcBlock) + Vector128.Load(Sha256Constants.RoundConstants);

        // a to h after t = 3.
        Assert.Equal(Vector128.Create(0xd550f666, 0xc8c347a7, 0x5a6ad9ad, 0x5d6aebcd), ArmCryptoModel.Sha256H(abcd, efgh, wk));
        Assert.Equal(Vector128.Create(0x24e00850, 0xf92939eb, 0x78ce7989, 0xfa2a4622), ArmCryptoModel.Sha256H2(efgh, abcd, wk));
    }

    [Fact]
    public void The_schedules_words_are_those_of_the_standards_formula()
    {
        var random = new Random(61);
        for (int i = 0; i < 100; i++)
        {
            uint[] w = i == 0 ? AbcBlock : [.. Enumerable.Range(0, 16).Select(_ => (uint)random.NextInt64())];
            uint[] expected = [.. w, 0, 0, 0, 0];
            for (int t = 16; t < 20; t++)
            {
                uint x = expected[t - 15], y = expected[t - 2];
                uint sigma0 = uint.RotateRight(x, 7) ^ uint.RotateRight(x, 18) ^ (x >> 3);
                uint sigma1 = uint.RotateRight(y, 17) ^ uint.RotateRight(y, 19) ^ (y >> 10);
                expected[t] = sigma1 + expected[t - 7] + sigma0 + expected[t - 16];
            }

            Vector128<uint> sum = ArmCryptoModel.Sha256Su0(Vector128.Create(w, 0), Vector128.Create(w, 4));

            Assert.Equal(Vector128.Create(expected, 16), ArmCryptoModel.Sha256Su1(sum, Vector128.Create(w, 8), Vector128.Create(w, 12)));
        }
    }

    /// <summary>FIPS 180-4's digest of "abc": all 64 rounds.</summary>
    [Fact]
    public void A_block_is_hashed_to_the_standards_digest()
    {
        byte[] block = new byte[64];
        "abc"u8.CopyTo(block);
        block[3] = 0x80;
        block[63] = 0x18;
        uint[] state = [.. Sha256Constants.InitialState];
        var scratch = default(ScratchMemory);

        // SAFETY: a state of eight words and one block.
        fixed (uint* words = state)
        fixed (byte* octets = block)
        {
            default(ArmHmacSha256<ArmCryptoModel>).Absorb(words, octets, 1, ref scratch);
        }

        uint[] digest = [0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad];
        Assert.Equal(digest, state);
    }

    /// <summary>Not executed but refused where the CPU is none of Arm's: tests/run.sh says which it was.</summary>
    [Fact]
    public void The_cpus_own_instructions_do_what_the_model_does()
    {
        if (!ArmCrypto.IsSupported)
        {
            Assert.Throws<PlatformNotSupportedException>(() => ArmCrypto.Aese(default, default));
            Assert.Throws<PlatformNotSupportedException>(() => ArmCrypto.Sha256H(default, default, default));
            return;
        }

        var random = new Random(62);
        for (int i = 0; i < 1000; i++)
        {
            Vector128<byte> x = NextBlock(random), y = NextBlock(random);
            Vector128<uint> u = NextBlock(random).AsUInt32(), v = NextBlock(random).AsUInt32(), w = NextBlock(random).AsUInt32();

            Assert.Equal(ArmCryptoModel.Aese(x, y), ArmCrypto.Aese(x, y));
            Assert.Equal(ArmCryptoModel.Aesmc(x), ArmCrypto.Aesmc(x));
            Assert.Equal(ArmCryptoModel.Aesd(x, y), ArmCrypto.Aesd(x, y));
            Assert.Equal(ArmCryptoModel.Aesimc(x), ArmCrypto.Aesimc(x));
            Assert.Equal(ArmCryptoModel.Sha256H(u, v, w), ArmCrypto.Sha256H(u, v, w));
            Assert.Equal(ArmCryptoModel.Sha256H2(u, v, w), ArmCrypto.Sha256H2(u, v, w));
            Assert.Equal(ArmCryptoModel.Sha256Su0(u, v), ArmCrypto.Sha256Su0(u, v));
            Assert.Equal(ArmCryptoModel.Sha256Su1(u, v, w), ArmCrypto.Sha256Su1(u, v, w));
        }
    }

    private static Vector128<byte> Octets(string hex) => Vector128.Create<byte>(Convert.FromHexString(hex));

    private static Vector128<byte> NextBlock(Random random) => Vector128.Create<byte>(TestKeys.NextOctets(random, 16));
}
