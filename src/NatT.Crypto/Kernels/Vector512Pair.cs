using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>Two vectors side by side, so that the CPU has something to do while it waits for the other half.</summary>
internal struct Vector512Pair(Vector512<uint> first, Vector512<uint> second)
{
    public Vector512<uint> First = first;
    public Vector512<uint> Second = second;
}
