using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>Eight messages at once with AVX-512's instructions on 256 bits: what is left of a batch, or a small one.</summary>
internal readonly unsafe struct Sha256Avx512Vl : ISha256Lanes<Vector256<uint>>
{
    public static int Count => Vector256<uint>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Broadcast(uint word) => Vector256.Create(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Add(Vector256<uint> x, Vector256<uint> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> XorRotations(
        Vector256<uint> x, [ConstantExpected] byte first, [ConstantExpected] byte second, [ConstantExpected] byte third) =>
        Avx512F.VL.TernaryLogic(
            Avx512F.VL.RotateRight(x, first), Avx512F.VL.RotateRight(x, second), Avx512F.VL.RotateRight(x, third), TernaryFunction.Xor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> XorRotationsAndShift(
        Vector256<uint> x, [ConstantExpected] byte first, [ConstantExpected] byte second, [ConstantExpected] byte shift) =>
        Avx512F.VL.TernaryLogic(
            Avx512F.VL.RotateRight(x, first), Avx512F.VL.RotateRight(x, second), x >>> shift, TernaryFunction.Xor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Choose(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) =>
        Avx512F.VL.TernaryLogic(x, y, z, TernaryFunction.Choose);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Majority(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) =>
        Avx512F.VL.TernaryLogic(x, y, z, TernaryFunction.Majority);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadWords(byte** messages, nint offset, Vector256<uint>* words) =>
        Sha256Avx2.LoadWords(messages, offset, words);
}
