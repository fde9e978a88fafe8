using System.Numerics;
using NatT.Crypto.Kernels;

namespace NatT.Crypto.Tests;

/// <summary>Poly1305 of whole blocks, in words and in strands, against arithmetic on large integers and RFC 8439's edge cases.</summary>
public sealed unsafe class Poly1305Tests
{
    private static readonly BigInteger Modulus = (BigInteger.One << 130) - 5;

    /// <summary>Below, at and above where strands begin, and with every number of blocks left over from them.</summary>
    private static readonly int[] BlockCounts = [.. Enumerable.Range(0, 60), 88, 127, 128, 563];

    /// <summary>r, s, message, ICV: RFC 8439, appendix A.3, vectors 7 to 11.</summary>
    public static TheoryData<string, string, string, string> EdgeCases => new()
    {
        { "02", "", new string('f', 32), "03" },
        { "02", new string('f', 32), "02" + new string('0', 30), "03" },
        { "01", "", new string('f', 32) + "f0" + new string('f', 30) + "11" + new string('0', 30), "05" },
        { "01", "", new string('f', 32) + "fb" + string.Concat(Enumerable.Repeat("fe", 15)) + string.Concat(Enumerable.Repeat("01", 16)), "" },
        { "02", "", "fd" + new string('f', 30), "fa" + new string('f', 30) },
    };

    private static IEnumerable<KernelTier> Tiers => Enum.GetValues<KernelTier>().Where(tier => KernelTiers.HasVectors(tier));

    [Theory]
    [MemberData(nameof(EdgeCases))]
    public void Edge_cases_come_out_as_printed(string r, string s, string message, string icv)
    {
        byte[] key = Convert.FromHexString(r.PadRight(32, '0') + s.PadRight(32, '0'));
        foreach (KernelTier tier in Tiers)
        {
            Assert.Equal(icv.PadRight(32, '0'), Convert.ToHexStringLower(Icv(tier, key, Convert.FromHexString(message))));
        }
    }

    [Fact]
    public void Random_and_extreme_messages_come_out_as_large_integers_say()
    {
        var random = new Random(60);
        foreach (int blocks in BlockCounts)
        {
            foreach (byte[] key in Contents(random, 32))
            {
                foreach (byte[] message in Contents(random, blocks * Poly1305.BlockSize))
                {
                    byte[] expected = IcvOfIntegers(key, message);
                    foreach (KernelTier tier in Tiers)
                    {
                        Assert.True(expected.AsSpan().SequenceEqual(Icv(tier, key, message)), $"{tier}, {blocks} blocks");
                    }
                }
            }
        }
    }

    public static byte[] Icv(KernelTier tier, byte[] key, byte[] message)
    {
        byte[] icv = new byte[AeadSuite.IcvSize];
        byte* memory = stackalloc byte[1024];

        // SAFETY: message has as many blocks as is said, memory outlives the call.
        fixed (byte* oneTimeKey = key, blocks = message, destination = icv)
        {
            var scratch = new ScratchMemory(memory, 1024);
            Poly1305 poly = default;
            poly.Start(oneTimeKey);
            ChaChaIcvs.Absorb(tier, ref poly, blocks, message.Length / Poly1305.BlockSize, ref scratch);
            poly.WriteIcv(destination);
        }

        return icv;
    }

    /// <summary>Ones make limbs, sums and carries as large as they get.</summary>
    private static byte[][] Contents(Random random, int length) =>
        [TestKeys.NextOctets(random, length), [.. Enumerable.Repeat((byte)0xFF, length)], new byte[length]];

    private static byte[] IcvOfIntegers(byte[] key, byte[] message)
    {
        BigInteger r = Unsigned(key.AsSpan(0, 16)) & BigInteger.Parse("0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF", System.Globalization.NumberStyles.HexNumber, null);
        BigInteger h = 0;
        for (int i = 0; i < message.Length; i += Poly1305.BlockSize)
        {
            h = (h + Unsigned(message.AsSpan(i, Poly1305.BlockSize)) + (BigInteger.One << 128)) * r % Modulus;
        }

        byte[] sum = ((h + Unsigned(key.AsSpan(16))) % (BigInteger.One << 128)).ToByteArray(isUnsigned: true);
        Array.Resize(ref sum, AeadSuite.IcvSize);
        return sum;

        static BigInteger Unsigned(ReadOnlySpan<byte> octets) => new(octets, isUnsigned: true);
    }
}
