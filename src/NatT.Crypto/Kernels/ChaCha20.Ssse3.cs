using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>Four blocks at once with 128-bit vectors.</summary>
internal readonly unsafe struct ChaCha20Ssse3 : IChaCha20Lanes<Vector128<uint>>
{
    public static int Count => Vector128<uint>.Count;

    /// <summary>Shuffles octets as a rotation of every word by 8 to the left does, in one instruction instead of three.</summary>
    private static Vector128<byte> RotationBy8 => Vector128.Create((byte)3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Broadcast(uint word) => Vector128.Create(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Add(Vector128<uint> x, Vector128<uint> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Xor(Vector128<uint> x, Vector128<uint> y) => x ^ y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateLeft(Vector128<uint> x, [ConstantExpected] byte bits) => bits switch
    {
        // Halves of words change places: two instructions, for which no register has to hold a pattern.
        16 => Sse2.ShuffleHigh(Sse2.ShuffleLow(x.AsUInt16(), 0b10_11_00_01), 0b10_11_00_01).AsUInt32(),
        8 => Ssse3.Shuffle(x.AsByte(), RotationBy8).AsUInt32(),
        _ => (x << bits) ^ (x >>> (32 - bits)),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadRows(byte** states, nint offset, Vector128<uint>* rows)
    {
        Transpose(
            *(Vector128<uint>*)(states[0] + offset),
            *(Vector128<uint>*)(states[1] + offset),
            *(Vector128<uint>*)(states[2] + offset),
            *(Vector128<uint>*)(states[3] + offset),
            out rows[0],
            out rows[1],
            out rows[2],
            out rows[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreBlocks(Vector128<uint>* rows, byte* blocks)
    {
        var destination = (Vector128<uint>*)blocks;
        for (int quarter = 0; quarter < 4; quarter++, rows += 4, destination++)
        {
            Transpose(rows[0], rows[1], rows[2], rows[3], out destination[0], out destination[4], out destination[8], out destination[12]);
        }
    }

    /// <summary>4 × 4 words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        Vector128<uint> a, Vector128<uint> b, Vector128<uint> c, Vector128<uint> d,
        out Vector128<uint> row0, out Vector128<uint> row1, out Vector128<uint> row2, out Vector128<uint> row3)
    {
        Vector128<ulong> lowAb = Sse2.UnpackLow(a, b).AsUInt64();
        Vector128<ulong> lowCd = Sse2.UnpackLow(c, d).AsUInt64();
        Vector128<ulong> highAb = Sse2.UnpackHigh(a, b).AsUInt64();
        Vector128<ulong> highCd = Sse2.UnpackHigh(c, d).AsUInt64();
        row0 = Sse2.UnpackLow(lowAb, lowCd).AsUInt32();
        row1 = Sse2.UnpackHigh(lowAb, lowCd).AsUInt32();
        row2 = Sse2.UnpackLow(highAb, highCd).AsUInt32();
        row3 = Sse2.UnpackHigh(highAb, highCd).AsUInt32();
    }
}
