using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>Sixteen messages at once: AVX-512 rotates, and combines any three inputs in one instruction.</summary>
internal readonly unsafe struct Sha256Avx512 : ISha256Lanes<Vector512<uint>>
{
    public static int Count => Vector512<uint>.Count;

    private static Vector512<byte> BigEndian => Vector512.Create(Sha256Constants.BigEndianWords);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Broadcast(uint word) => Vector512.Create(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Add(Vector512<uint> x, Vector512<uint> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> XorRotations(
        Vector512<uint> x, [ConstantExpected] byte first, [ConstantExpected] byte second, [ConstantExpected] byte third) =>
        Avx512F.TernaryLogic(
            Avx512F.RotateRight(x, first), Avx512F.RotateRight(x, second), Avx512F.RotateRight(x, third), TernaryFunction.Xor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> XorRotationsAndShift(
        Vector512<uint> x, [ConstantExpected] byte first, [ConstantExpected] byte second, [ConstantExpected] byte shift) =>
        Avx512F.TernaryLogic(
            Avx512F.RotateRight(x, first), Avx512F.RotateRight(x, second), Avx512F.ShiftRightLogical(x, shift), TernaryFunction.Xor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Choose(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) =>
        Avx512F.TernaryLogic(x, y, z, TernaryFunction.Choose);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Majority(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) =>
        Avx512F.TernaryLogic(x, y, z, TernaryFunction.Majority);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadWords(byte** messages, nint offset, Vector512<uint>* words)
    {
        Vector512<uint> row0 = Gather(messages, 0, offset);
        Vector512<uint> row1 = Gather(messages, 1, offset);
        Vector512<uint> row2 = Gather(messages, 2, offset);
        Vector512<uint> row3 = Gather(messages, 3, offset);
        Vector512<ulong> low01 = Avx512F.UnpackLow(row0, row1).AsUInt64();
        Vector512<ulong> low23 = Avx512F.UnpackLow(row2, row3).AsUInt64();
        Vector512<ulong> high01 = Avx512F.UnpackHigh(row0, row1).AsUInt64();
        Vector512<ulong> high23 = Avx512F.UnpackHigh(row2, row3).AsUInt64();
        words[0] = Avx512F.UnpackLow(low01, low23).AsUInt32();
        words[1] = Avx512F.UnpackHigh(low01, low23).AsUInt32();
        words[2] = Avx512F.UnpackLow(high01, high23).AsUInt32();
        words[3] = Avx512F.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>Lanes n, n + 4, n + 8 and n + 12, one behind the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Gather(byte** messages, int lane, nint offset)
    {
        Vector256<byte> low = Vector256.Create(
            *(Vector128<byte>*)(messages[lane] + offset), *(Vector128<byte>*)(messages[lane + 4] + offset));
        Vector256<byte> high = Vector256.Create(
            *(Vector128<byte>*)(messages[lane + 8] + offset), *(Vector128<byte>*)(messages[lane + 12] + offset));
        return Avx512BW.Shuffle(Vector512.Create(low, high), BigEndian).AsUInt32();
    }
}
