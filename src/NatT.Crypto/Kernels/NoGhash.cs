using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>Hashes nothing: makes counter mode alone of what does both.</summary>
internal readonly unsafe struct NoGhash : IGhashLanes<ulong>
{
    public static int Blocks => 8;

    public static ulong Load(byte* blocks) => 0;

    public static ulong LoadPowers(ulong* powers) => 0;

    public static ulong First(Vector128<ulong> number) => 0;

    public static ulong Xor(ulong a, ulong b) => 0;

    public static ulong MultiplyLow(ulong a, ulong b) => 0;

    public static ulong MultiplyMiddle(ulong a, ulong b) => 0;

    public static ulong MultiplyHigh(ulong a, ulong b) => 0;

    public static Vector128<ulong> Sum(ulong lanes) => default;
}
