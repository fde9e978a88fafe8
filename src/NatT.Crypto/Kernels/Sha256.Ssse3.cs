using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>Four messages at once with 128-bit vectors.</summary>
internal readonly unsafe struct Sha256Ssse3 : ISha256Lanes<Vector128<uint>>
{
    public static int Count => Vector128<uint>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Broadcast(uint word) => Vector128.Create(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Add(Vector128<uint> x, Vector128<uint> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> XorRotations(
        Vector128<uint> x, [ConstantExpected] byte first, [ConstantExpected] byte second, [ConstantExpected] byte third) =>
        RotateRight(x, first) ^ RotateRight(x, second) ^ RotateRight(x, third);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> XorRotationsAndShift(
        Vector128<uint> x, [ConstantExpected] byte first, [ConstantExpected] byte second, [ConstantExpected] byte shift) =>
        RotateRight(x, first) ^ RotateRight(x, second) ^ (x >>> shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Choose(Vector128<uint> x, Vector128<uint> y, Vector128<uint> z) => z ^ (x & (y ^ z));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Majority(Vector128<uint> x, Vector128<uint> y, Vector128<uint> z) => y ^ ((x ^ y) & (y ^ z));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadWords(byte** messages, nint offset, Vector128<uint>* words)
    {
        Vector128<uint> row0 = Gather(messages, 0, offset);
        Vector128<uint> row1 = Gather(messages, 1, offset);
        Vector128<uint> row2 = Gather(messages, 2, offset);
        Vector128<uint> row3 = Gather(messages, 3, offset);
        Vector128<ulong> low01 = Sse2.UnpackLow(row0, row1).AsUInt64();
        Vector128<ulong> low23 = Sse2.UnpackLow(row2, row3).AsUInt64();
        Vector128<ulong> high01 = Sse2.UnpackHigh(row0, row1).AsUInt64();
        Vector128<ulong> high23 = Sse2.UnpackHigh(row2, row3).AsUInt64();
        words[0] = Sse2.UnpackLow(low01, low23).AsUInt32();
        words[1] = Sse2.UnpackHigh(low01, low23).AsUInt32();
        words[2] = Sse2.UnpackLow(high01, high23).AsUInt32();
        words[3] = Sse2.UnpackHigh(high01, high23).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Gather(byte** messages, int lane, nint offset) =>
        Ssse3.Shuffle(*(Vector128<byte>*)(messages[lane] + offset), Sha256Constants.BigEndianWords).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> RotateRight(Vector128<uint> x, [ConstantExpected] byte bits) => (x >>> bits) ^ (x << (32 - bits));
}
