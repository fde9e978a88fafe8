using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>GHASH four blocks a multiplication, where VPCLMULQDQ and AVX-512 are.</summary>
internal readonly unsafe struct GhashV512 : IGhashLanes<Vector512<ulong>>
{
    public static int Blocks => 4;

    /// <summary>In every lane. Written out, for only then it is a constant to the JIT.</summary>
    private static Vector512<byte> Reversed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            0x0809_0A0B_0C0D_0E0FUL, 0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F, 0x0001_0203_0405_0607,
            0x0809_0A0B_0C0D_0E0F, 0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F, 0x0001_0203_0405_0607).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Load(byte* blocks) =>
        Avx512BW.Shuffle(*(Vector512<byte>*)blocks, Reversed).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> LoadPowers(ulong* powers) => *(Vector512<ulong>*)powers;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> First(Vector128<ulong> number) => number.ToVector256().ToVector512();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Xor(Vector512<ulong> a, Vector512<ulong> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> MultiplyLow(Vector512<ulong> a, Vector512<ulong> b) => Pclmulqdq.V512.CarrylessMultiply(a, b, 0x00);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> MultiplyMiddle(Vector512<ulong> a, Vector512<ulong> b) =>
        Pclmulqdq.V512.CarrylessMultiply(a, b, 0x01) ^ Pclmulqdq.V512.CarrylessMultiply(a, b, 0x10);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> MultiplyHigh(Vector512<ulong> a, Vector512<ulong> b) => Pclmulqdq.V512.CarrylessMultiply(a, b, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Sum(Vector512<ulong> lanes) => GhashV256.Sum(lanes.GetLower() ^ lanes.GetUpper());
}
