using System.Diagnostics.CodeAnalysis;

namespace NatT.Crypto.Kernels;

/// <summary>
/// The 64-bit operations of Poly1305 on a vector whose every lane takes another block. One implementation for each set of
/// instructions; <see cref="Poly1305Limbs{TVector, TLanes}"/> is the algorithm.
/// </summary>
/// <typeparam name="TVector">The same limb of each lane.</typeparam>
internal unsafe interface IPoly1305Lanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Blocks worked on at once.</summary>
    static abstract int Count { get; }

    /// <summary>Which of <see cref="Count"/> successive blocks <see cref="Load"/> puts into a lane: 0 into the first.</summary>
    static abstract int BlockOfLane(int lane);

    /// <summary>The same in every lane.</summary>
    static abstract TVector Broadcast(ulong value);

    /// <summary>It in the first lane, zeros in the others.</summary>
    static abstract TVector First(ulong value);

    static abstract TVector Add(TVector x, TVector y);

    static abstract TVector And(TVector x, TVector y);

    static abstract TVector Or(TVector x, TVector y);

    static abstract TVector ShiftLeft(TVector x, [ConstantExpected] byte bits);

    static abstract TVector ShiftRight(TVector x, [ConstantExpected] byte bits);

    /// <summary>The product of the low 32 bits of both, of 64 bits.</summary>
    static abstract TVector Multiply(TVector x, TVector y);

    /// <summary>The low and the high halves of <see cref="Count"/> successive blocks.</summary>
    static abstract void Load(byte* blocks, out TVector low, out TVector high);

    /// <summary>The low and the high halves of one block of each message, at the same offset.</summary>
    static abstract void Gather(byte** messages, nint offset, out TVector low, out TVector high);

    /// <summary>All lanes together.</summary>
    static abstract ulong Sum(TVector x);
}
