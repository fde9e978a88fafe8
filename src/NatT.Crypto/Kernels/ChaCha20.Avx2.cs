using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>Eight blocks at once with 256-bit vectors.</summary>
internal readonly unsafe struct ChaCha20Avx2 : IChaCha20Lanes<Vector256<uint>>
{
    public static int Count => Vector256<uint>.Count;

    /// <summary>Shuffles octets as a rotation of every word by 8 to the left does, in one instruction instead of three.</summary>
    private static Vector256<byte> RotationBy8 =>
        Vector256.Create(Vector128.Create((byte)3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Broadcast(uint word) => Vector256.Create(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Add(Vector256<uint> x, Vector256<uint> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Xor(Vector256<uint> x, Vector256<uint> y) => x ^ y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> RotateLeft(Vector256<uint> x, [ConstantExpected] byte bits) => bits switch
    {
        // Halves of words change places: two instructions, for which no register has to hold a pattern.
        16 => Avx2.ShuffleHigh(Avx2.ShuffleLow(x.AsUInt16(), 0b10_11_00_01), 0b10_11_00_01).AsUInt32(),
        8 => Avx2.Shuffle(x.AsByte(), RotationBy8).AsUInt32(),
        _ => (x << bits) ^ (x >>> (32 - bits)),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadRows(byte** states, nint offset, Vector256<uint>* rows)
    {
        Transpose(
            Gather(states, 0, offset),
            Gather(states, 1, offset),
            Gather(states, 2, offset),
            Gather(states, 3, offset),
            out rows[0],
            out rows[1],
            out rows[2],
            out rows[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreBlocks(Vector256<uint>* rows, byte* blocks)
    {
        // Four rows become a quarter of every block: of lanes n and n + 4, one behind the other.
        Transpose(rows[0], rows[1], rows[2], rows[3], out rows[0], out rows[1], out rows[2], out rows[3]);
        Transpose(rows[4], rows[5], rows[6], rows[7], out rows[4], out rows[5], out rows[6], out rows[7]);
        Transpose(rows[8], rows[9], rows[10], rows[11], out rows[8], out rows[9], out rows[10], out rows[11]);
        Transpose(rows[12], rows[13], rows[14], rows[15], out rows[12], out rows[13], out rows[14], out rows[15]);
        var destination = (Vector256<uint>*)blocks;
        for (int lane = 0; lane < 4; lane++)
        {
            Vector256<uint>* near = destination + (2 * lane);
            Vector256<uint>* far = near + 8;
            near[0] = Avx2.Permute2x128(rows[lane], rows[lane + 4], 0x20);
            near[1] = Avx2.Permute2x128(rows[lane + 8], rows[lane + 12], 0x20);
            far[0] = Avx2.Permute2x128(rows[lane], rows[lane + 4], 0x31);
            far[1] = Avx2.Permute2x128(rows[lane + 8], rows[lane + 12], 0x31);
        }
    }

    /// <summary>Lanes n and n + 4, one behind the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Gather(byte** states, int lane, nint offset) =>
        Vector256.Create(*(Vector128<uint>*)(states[lane] + offset), *(Vector128<uint>*)(states[lane + 4] + offset));

    /// <summary>The 4 × 4 words in every 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d,
        out Vector256<uint> row0, out Vector256<uint> row1, out Vector256<uint> row2, out Vector256<uint> row3)
    {
        Vector256<ulong> lowAb = Avx2.UnpackLow(a, b).AsUInt64();
        Vector256<ulong> lowCd = Avx2.UnpackLow(c, d).AsUInt64();
        Vector256<ulong> highAb = Avx2.UnpackHigh(a, b).AsUInt64();
        Vector256<ulong> highCd = Avx2.UnpackHigh(c, d).AsUInt64();
        row0 = Avx2.UnpackLow(lowAb, lowCd).AsUInt32();
        row1 = Avx2.UnpackHigh(lowAb, lowCd).AsUInt32();
        row2 = Avx2.UnpackLow(highAb, highCd).AsUInt32();
        row3 = Avx2.UnpackHigh(highAb, highCd).AsUInt32();
    }
}
