using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>GHASH two blocks a multiplication, where VPCLMULQDQ and AVX2 are.</summary>
internal readonly unsafe struct GhashV256 : IGhashLanes<Vector256<ulong>>
{
    public static int Blocks => 2;

    /// <summary>In both lanes. Written out, for only then it is a constant to the JIT.</summary>
    private static Vector256<byte> Reversed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Create(0x0809_0A0B_0C0D_0E0FUL, 0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F, 0x0001_0203_0405_0607).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Load(byte* blocks) =>
        Avx2.Shuffle(*(Vector256<byte>*)blocks, Reversed).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> LoadPowers(ulong* powers) => *(Vector256<ulong>*)powers;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> First(Vector128<ulong> number) => number.ToVector256();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Xor(Vector256<ulong> a, Vector256<ulong> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> MultiplyLow(Vector256<ulong> a, Vector256<ulong> b) => Pclmulqdq.V256.CarrylessMultiply(a, b, 0x00);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> MultiplyMiddle(Vector256<ulong> a, Vector256<ulong> b) =>
        Pclmulqdq.V256.CarrylessMultiply(a, b, 0x01) ^ Pclmulqdq.V256.CarrylessMultiply(a, b, 0x10);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> MultiplyHigh(Vector256<ulong> a, Vector256<ulong> b) => Pclmulqdq.V256.CarrylessMultiply(a, b, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Sum(Vector256<ulong> lanes) => lanes.GetLower() ^ lanes.GetUpper();
}
