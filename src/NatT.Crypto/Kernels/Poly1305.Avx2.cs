using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>Four blocks at once.</summary>
internal readonly unsafe struct Poly1305Avx2 : IPoly1305Lanes<Vector256<ulong>>
{
    public static int Count => Vector256<ulong>.Count;

    public static int BlockOfLane(int lane) => (lane / 2) + (lane % 2 * 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Broadcast(ulong value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> First(ulong value) => Vector256.CreateScalar(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Add(Vector256<ulong> x, Vector256<ulong> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> And(Vector256<ulong> x, Vector256<ulong> y) => x & y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Or(Vector256<ulong> x, Vector256<ulong> y) => x | y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> ShiftLeft(Vector256<ulong> x, [ConstantExpected] byte bits) => x << bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> ShiftRight(Vector256<ulong> x, [ConstantExpected] byte bits) => x >>> bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Multiply(Vector256<ulong> x, Vector256<ulong> y) => Avx2.Multiply(x.AsUInt32(), y.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* blocks, out Vector256<ulong> low, out Vector256<ulong> high)
    {
        Vector256<ulong> first = ((Vector256<ulong>*)blocks)[0], second = ((Vector256<ulong>*)blocks)[1];
        low = Avx2.UnpackLow(first, second);
        high = Avx2.UnpackHigh(first, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Gather(byte** messages, nint offset, out Vector256<ulong> low, out Vector256<ulong> high)
    {
        Vector256<ulong> even = Vector256.Create(*(Vector128<ulong>*)(messages[0] + offset), *(Vector128<ulong>*)(messages[2] + offset));
        Vector256<ulong> odd = Vector256.Create(*(Vector128<ulong>*)(messages[1] + offset), *(Vector128<ulong>*)(messages[3] + offset));
        low = Avx2.UnpackLow(even, odd);
        high = Avx2.UnpackHigh(even, odd);
    }

    public static ulong Sum(Vector256<ulong> x) => Vector256.Sum(x);
}
