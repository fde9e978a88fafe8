using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>Sixteen blocks at once: AVX-512 rotates, and has registers for the whole state.</summary>
internal readonly unsafe struct ChaCha20Avx512 : IChaCha20Lanes<Vector512<uint>>
{
    public static int Count => Vector512<uint>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Broadcast(uint word) => Vector512.Create(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Add(Vector512<uint> x, Vector512<uint> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Xor(Vector512<uint> x, Vector512<uint> y) => x ^ y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateLeft(Vector512<uint> x, [ConstantExpected] byte bits) => Avx512F.RotateLeft(x, bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadRows(byte** states, nint offset, Vector512<uint>* rows)
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
    public static void StoreBlocks(Vector512<uint>* rows, byte* blocks)
    {
        // Four rows become a quarter of every block: of lanes n, n + 4, n + 8 and n + 12, one behind the other.
        Transpose(rows[0], rows[1], rows[2], rows[3], out rows[0], out rows[1], out rows[2], out rows[3]);
        Transpose(rows[4], rows[5], rows[6], rows[7], out rows[4], out rows[5], out rows[6], out rows[7]);
        Transpose(rows[8], rows[9], rows[10], rows[11], out rows[8], out rows[9], out rows[10], out rows[11]);
        Transpose(rows[12], rows[13], rows[14], rows[15], out rows[12], out rows[13], out rows[14], out rows[15]);
        var destination = (Vector512<uint>*)blocks;
        for (int lane = 0; lane < 4; lane++)
        {
            // The quarters of four blocks are transposed like words, in pieces of 128 bits.
            Vector512<uint> low01 = Avx512F.Shuffle4x128(rows[lane], rows[lane + 4], 0b01_00_01_00);
            Vector512<uint> high01 = Avx512F.Shuffle4x128(rows[lane], rows[lane + 4], 0b11_10_11_10);
            Vector512<uint> low23 = Avx512F.Shuffle4x128(rows[lane + 8], rows[lane + 12], 0b01_00_01_00);
            Vector512<uint> high23 = Avx512F.Shuffle4x128(rows[lane + 8], rows[lane + 12], 0b11_10_11_10);
            destination[lane] = Avx512F.Shuffle4x128(low01, low23, 0b10_00_10_00);
            destination[lane + 4] = Avx512F.Shuffle4x128(low01, low23, 0b11_01_11_01);
            destination[lane + 8] = Avx512F.Shuffle4x128(high01, high23, 0b10_00_10_00);
            destination[lane + 12] = Avx512F.Shuffle4x128(high01, high23, 0b11_01_11_01);
        }
    }

    /// <summary>Lanes n, n + 4, n + 8 and n + 12, one behind the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Gather(byte** states, int lane, nint offset) =>
        Vector512.Create(
            Vector256.Create(*(Vector128<uint>*)(states[lane] + offset), *(Vector128<uint>*)(states[lane + 4] + offset)),
            Vector256.Create(*(Vector128<uint>*)(states[lane + 8] + offset), *(Vector128<uint>*)(states[lane + 12] + offset)));

    /// <summary>The 4 × 4 words in every 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d,
        out Vector512<uint> row0, out Vector512<uint> row1, out Vector512<uint> row2, out Vector512<uint> row3)
    {
        Vector512<ulong> lowAb = Avx512F.UnpackLow(a, b).AsUInt64();
        Vector512<ulong> lowCd = Avx512F.UnpackLow(c, d).AsUInt64();
        Vector512<ulong> highAb = Avx512F.UnpackHigh(a, b).AsUInt64();
        Vector512<ulong> highCd = Avx512F.UnpackHigh(c, d).AsUInt64();
        row0 = Avx512F.UnpackLow(lowAb, lowCd).AsUInt32();
        row1 = Avx512F.UnpackHigh(lowAb, lowCd).AsUInt32();
        row2 = Avx512F.UnpackLow(highAb, highCd).AsUInt32();
        row3 = Avx512F.UnpackHigh(highAb, highCd).AsUInt32();
    }
}
