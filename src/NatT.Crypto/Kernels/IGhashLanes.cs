using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>Vectors of as many blocks as one instruction multiplies: what GHASH's sums of products are written over.</summary>
internal unsafe interface IGhashLanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Blocks in a vector.</summary>
    static abstract int Blocks { get; }

    /// <summary>Blocks as numbers.</summary>
    // SAFETY (here and below): the memory has as many blocks or powers.
    static abstract TVector Load(byte* blocks);

    static abstract TVector LoadPowers(ulong* powers);

    /// <summary>A number in the first lane, zero in the others.</summary>
    static abstract TVector First(Vector128<ulong> number);

    static abstract TVector Xor(TVector a, TVector b);

    /// <summary>Lane by lane the products of the low halves.</summary>
    static abstract TVector MultiplyLow(TVector a, TVector b);

    /// <summary>Lane by lane both products of a low and a high half, added.</summary>
    static abstract TVector MultiplyMiddle(TVector a, TVector b);

    /// <summary>Lane by lane the products of the high halves.</summary>
    static abstract TVector MultiplyHigh(TVector a, TVector b);

    /// <summary>The lanes added.</summary>
    static abstract Vector128<ulong> Sum(TVector lanes);
}
