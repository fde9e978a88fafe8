using System.Numerics;
using System.Runtime.Intrinsics;
using NatT.Crypto.Kernels.Arm64;

namespace NatT.Crypto.Tests;

/// <summary>Armv8's AES and SHA-256 instructions in plain code, after the architecture manual's pseudo-code for each.</summary>
internal readonly struct ArmCryptoModel : IArmCrypto
{
    private const int BlockSize = 16;

    private static readonly byte[] SBox = CreateSBox();
    private static readonly byte[] InverseSBox = Invert(SBox);

    /// <summary>By factor, up to the largest of InvMixColumns.</summary>
    private static readonly byte[][] Products = [.. Enumerable.Range(0, 15).Select(CreateProducts)];

    public static Vector128<byte> Aese(Vector128<byte> state, Vector128<byte> roundKey)
    {
        Span<byte> octets = stackalloc byte[BlockSize], shifted = stackalloc byte[BlockSize];
        (state ^ roundKey).CopyTo(octets);
        for (int i = 0; i < BlockSize; i++)
        {
            // Row r, which is every fourth octet from r on, moves r columns to the left.
            shifted[i] = SBox[octets[(i + (4 * (i % 4))) % BlockSize]];
        }

        return Vector128.Create<byte>(shifted);
    }

    public static Vector128<byte> Aesd(Vector128<byte> state, Vector128<byte> roundKey)
    {
        Span<byte> octets = stackalloc byte[BlockSize], shifted = stackalloc byte[BlockSize];
        (state ^ roundKey).CopyTo(octets);
        for (int i = 0; i < BlockSize; i++)
        {
            shifted[(i + (4 * (i % 4))) % BlockSize] = InverseSBox[octets[i]];
        }

        return Vector128.Create<byte>(shifted);
    }

    public static Vector128<byte> Aesmc(Vector128<byte> state) => MultiplyColumns(state, 2, 3, 1, 1);

    public static Vector128<byte> Aesimc(Vector128<byte> state) => MultiplyColumns(state, 14, 11, 13, 9);

    public static Vector128<uint> Sha256H(Vector128<uint> abcd, Vector128<uint> efgh, Vector128<uint> wk) =>
        FourRounds(abcd, efgh, wk).X;

    public static Vector128<uint> Sha256H2(Vector128<uint> efgh, Vector128<uint> abcd, Vector128<uint> wk) =>
        FourRounds(abcd, efgh, wk).Y;

    public static Vector128<uint> Sha256Su0(Vector128<uint> w0, Vector128<uint> w4)
    {
        return Vector128.Create(Sum(w0[0], w0[1]), Sum(w0[1], w0[2]), Sum(w0[2], w0[3]), Sum(w0[3], w4[0]));

        static uint Sum(uint word, uint next) =>
            word + (BitOperations.RotateRight(next, 7) ^ BitOperations.RotateRight(next, 18) ^ (next >> 3));
    }

    public static Vector128<uint> Sha256Su1(Vector128<uint> sum, Vector128<uint> w8, Vector128<uint> w12)
    {
        // The last two words need σ1 of the first two.
        uint first = Sum(sum[0], w8[1], w12[2]);
        uint second = Sum(sum[1], w8[2], w12[3]);
        return Vector128.Create(first, second, Sum(sum[2], w8[3], first), Sum(sum[3], w12[0], second));

        static uint Sum(uint word, uint seventh, uint second) =>
            word + seventh + (BitOperations.RotateRight(second, 17) ^ BitOperations.RotateRight(second, 19) ^ (second >> 10));
    }

    /// <summary>The manual's SHA256hash: X and Y side by side are rotated by one word a round.</summary>
    private static (Vector128<uint> X, Vector128<uint> Y) FourRounds(Vector128<uint> x, Vector128<uint> y, Vector128<uint> w)
    {
        for (int i = 0; i < 4; i++)
        {
            uint choice = (y[0] & y[1]) ^ (~y[0] & y[2]);
            uint majority = (x[0] & x[1]) ^ (x[0] & x[2]) ^ (x[1] & x[2]);
            uint t = y[3] + Rotations(y[0], 6, 11, 25) + choice + w[i];
            uint x3 = t + x[3];
            uint y3 = t + Rotations(x[0], 2, 13, 22) + majority;
            x = Vector128.Create(y3, x[0], x[1], x[2]);
            y = Vector128.Create(x3, y[0], y[1], y[2]);
        }

        return (x, y);

        static uint Rotations(uint word, int first, int second, int third) =>
            BitOperations.RotateRight(word, first) ^ BitOperations.RotateRight(word, second) ^ BitOperations.RotateRight(word, third);
    }

    /// <summary>Each column times the circulant matrix whose first row is given.</summary>
    private static Vector128<byte> MultiplyColumns(Vector128<byte> state, int first, int second, int third, int fourth)
    {
        byte[] byFirst = Products[first], bySecond = Products[second], byThird = Products[third], byFourth = Products[fourth];
        Span<byte> octets = stackalloc byte[BlockSize], products = stackalloc byte[BlockSize];
        state.CopyTo(octets);
        for (int i = 0; i < BlockSize; i++)
        {
            int column = i & ~3;
            products[i] = (byte)(byFirst[octets[i]] ^ bySecond[octets[column + ((i + 1) % 4)]]
                ^ byThird[octets[column + ((i + 2) % 4)]] ^ byFourth[octets[column + ((i + 3) % 4)]]);
        }

        return Vector128.Create<byte>(products);
    }

    /// <summary>In GF(2⁸) modulo x⁸ + x⁴ + x³ + x + 1.</summary>
    private static byte Multiply(byte x, byte y)
    {
        int product = 0;
        for (int factor = x, rest = y; rest != 0; rest >>= 1)
        {
            product ^= factor * (rest & 1);
            factor = (factor << 1) ^ ((factor >> 7) * 0x11B);
        }

        return (byte)product;
    }

    private static byte[] CreateProducts(int factor) => [.. Enumerable.Range(0, 256).Select(x => Multiply((byte)x, (byte)factor))];

    /// <summary>FIPS 197 §5.1.1: the inverse in GF(2⁸), then the affine transformation.</summary>
    private static byte[] CreateSBox()
    {
        byte[] box = new byte[256];
        for (int x = 0; x < box.Length; x++)
        {
            int inverse = x == 0 ? 0 : Enumerable.Range(1, 255).Single(y => Multiply((byte)x, (byte)y) == 1);
            int twice = inverse | (inverse << 8);
            box[x] = (byte)(inverse ^ (twice >> 4) ^ (twice >> 5) ^ (twice >> 6) ^ (twice >> 7) ^ 0x63);
        }

        return box;
    }

    private static byte[] Invert(byte[] box)
    {
        byte[] inverse = new byte[box.Length];
        for (int x = 0; x < box.Length; x++)
        {
            inverse[box[x]] = (byte)x;
        }

        return inverse;
    }
}
