using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>
/// Thirty-two blocks at once: AVX-512 rotates, and its registers hold two whole states. One alone would leave a CPU idle
/// half of the time, since each quarter round is a chain of instructions.
/// </summary>
internal readonly unsafe struct ChaCha20Avx512 : IChaCha20Lanes<Vector512Pair>
{
    private const int LanesOfHalf = 16;
    private const int BlockSize = ChaCha20.BlockSize;

    public static int Count => 2 * LanesOfHalf;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512Pair Broadcast(uint word) => new(Vector512.Create(word), Vector512.Create(word));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512Pair Add(Vector512Pair x, Vector512Pair y) => new(x.First + y.First, x.Second + y.Second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512Pair Xor(Vector512Pair x, Vector512Pair y) => new(x.First ^ y.First, x.Second ^ y.Second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512Pair RotateLeft(Vector512Pair x, [ConstantExpected] byte bits) =>
        new(Avx512F.RotateLeft(x.First, bits), Avx512F.RotateLeft(x.Second, bits));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadRows(byte** states, nint offset, Vector512Pair* rows)
    {
        for (int half = 0; half < 2; half++, states += LanesOfHalf)
        {
            Vector512<uint>* row = (Vector512<uint>*)rows + half;
            Transpose(
                Gather(states, 0, offset),
                Gather(states, 1, offset),
                Gather(states, 2, offset),
                Gather(states, 3, offset),
                out row[0],
                out row[2],
                out row[4],
                out row[6]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreBlocks(Vector512Pair* rows, byte* blocks)
    {
        for (int half = 0; half < 2; half++, blocks += LanesOfHalf * BlockSize)
        {
            // Four rows become a quarter of every block: of lanes n, n + 4, n + 8 and n + 12, one behind the other.
            Vector512<uint>* row = (Vector512<uint>*)rows + half;
            for (int quarter = 0; quarter < 4; quarter++, row += 8)
            {
                Transpose(row[0], row[2], row[4], row[6], out row[0], out row[2], out row[4], out row[6]);
            }

            // The quarters of four blocks are transposed like words, in pieces of 128 bits.
            row = (Vector512<uint>*)rows + half;
            var destination = (Vector512<uint>*)blocks;
            for (int lane = 0; lane < 4; lane++, row += 2, destination++)
            {
                Vector512<uint> low01 = Avx512F.Shuffle4x128(row[0], row[8], 0b01_00_01_00);
                Vector512<uint> high01 = Avx512F.Shuffle4x128(row[0], row[8], 0b11_10_11_10);
                Vector512<uint> low23 = Avx512F.Shuffle4x128(row[16], row[24], 0b01_00_01_00);
                Vector512<uint> high23 = Avx512F.Shuffle4x128(row[16], row[24], 0b11_10_11_10);
                destination[0] = Avx512F.Shuffle4x128(low01, low23, 0b10_00_10_00);
                destination[4] = Avx512F.Shuffle4x128(low01, low23, 0b11_01_11_01);
                destination[8] = Avx512F.Shuffle4x128(high01, high23, 0b10_00_10_00);
                destination[12] = Avx512F.Shuffle4x128(high01, high23, 0b11_01_11_01);
            }
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
