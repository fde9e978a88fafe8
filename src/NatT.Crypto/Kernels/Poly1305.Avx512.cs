using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>Eight blocks at once.</summary>
internal readonly unsafe struct Poly1305Avx512 : IPoly1305Lanes<Vector512<ulong>>
{
    public static int Count => Vector512<ulong>.Count;

    public static int BlockOfLane(int lane) => (lane / 2) + (lane % 2 * 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Broadcast(ulong value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> First(ulong value) => Vector512.CreateScalar(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Add(Vector512<ulong> x, Vector512<ulong> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> And(Vector512<ulong> x, Vector512<ulong> y) => x & y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Or(Vector512<ulong> x, Vector512<ulong> y) => x | y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> ShiftLeft(Vector512<ulong> x, [ConstantExpected] byte bits) => x << bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> ShiftRight(Vector512<ulong> x, [ConstantExpected] byte bits) => x >>> bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Multiply(Vector512<ulong> x, Vector512<ulong> y) => Avx512F.Multiply(x.AsUInt32(), y.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* blocks, out Vector512<ulong> low, out Vector512<ulong> high)
    {
        Vector512<ulong> first = ((Vector512<ulong>*)blocks)[0], second = ((Vector512<ulong>*)blocks)[1];
        low = Avx512F.UnpackLow(first, second);
        high = Avx512F.UnpackHigh(first, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Gather(byte** messages, nint offset, out Vector512<ulong> low, out Vector512<ulong> high)
    {
        Vector512<ulong> even = Four(messages, offset), odd = Four(messages + 1, offset);
        low = Avx512F.UnpackLow(even, odd);
        high = Avx512F.UnpackHigh(even, odd);
    }

    public static ulong Sum(Vector512<ulong> x) => Vector512.Sum(x);

    /// <summary>Every other message's block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Four(byte** messages, nint offset) =>
        Vector512.Create(
            Vector256.Create(*(Vector128<ulong>*)(messages[0] + offset), *(Vector128<ulong>*)(messages[2] + offset)),
            Vector256.Create(*(Vector128<ulong>*)(messages[4] + offset), *(Vector128<ulong>*)(messages[6] + offset)));
}
