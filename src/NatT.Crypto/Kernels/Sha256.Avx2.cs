using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>Eight messages at once with AVX2.</summary>
internal readonly unsafe struct Sha256Avx2 : ISha256Lanes<Vector256<uint>>
{
    public static int Count => Vector256<uint>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Broadcast(uint word) => Vector256.Create(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Add(Vector256<uint> x, Vector256<uint> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> XorRotations(
        Vector256<uint> x, [ConstantExpected] byte first, [ConstantExpected] byte second, [ConstantExpected] byte third) =>
        RotateRight(x, first) ^ RotateRight(x, second) ^ RotateRight(x, third);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> XorRotationsAndShift(
        Vector256<uint> x, [ConstantExpected] byte first, [ConstantExpected] byte second, [ConstantExpected] byte shift) =>
        RotateRight(x, first) ^ RotateRight(x, second) ^ (x >>> shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Choose(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) => z ^ (x & (y ^ z));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Majority(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) => y ^ ((x ^ y) & (y ^ z));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadWords(byte** messages, nint offset, Vector256<uint>* words)
    {
        Vector256<uint> row0 = Gather(messages, 0, offset);
        Vector256<uint> row1 = Gather(messages, 1, offset);
        Vector256<uint> row2 = Gather(messages, 2, offset);
        Vector256<uint> row3 = Gather(messages, 3, offset);
        Vector256<ulong> low01 = Avx2.UnpackLow(row0, row1).AsUInt64();
        Vector256<ulong> low23 = Avx2.UnpackLow(row2, row3).AsUInt64();
        Vector256<ulong> high01 = Avx2.UnpackHigh(row0, row1).AsUInt64();
        Vector256<ulong> high23 = Avx2.UnpackHigh(row2, row3).AsUInt64();
        words[0] = Avx2.UnpackLow(low01, low23).AsUInt32();
        words[1] = Avx2.UnpackHigh(low01, low23).AsUInt32();
        words[2] = Avx2.UnpackLow(high01, high23).AsUInt32();
        words[3] = Avx2.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>Lanes n and n + 4, one behind the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Gather(byte** messages, int lane, nint offset)
    {
        Vector256<byte> octets = Vector256.Create(
            *(Vector128<byte>*)(messages[lane] + offset), *(Vector128<byte>*)(messages[lane + 4] + offset));
        return Avx2.Shuffle(octets, Vector256.Create(Sha256Constants.BigEndianWords)).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RotateRight(Vector256<uint> x, [ConstantExpected] byte bits) => (x >>> bits) ^ (x << (32 - bits));
}
