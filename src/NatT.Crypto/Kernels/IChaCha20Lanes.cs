using System.Diagnostics.CodeAnalysis;

namespace NatT.Crypto.Kernels;

/// <summary>
/// The 32-bit operations of ChaCha20 on a vector whose every lane belongs to another block. One implementation for each
/// set of instructions; <see cref="ChaCha20Blocks{TVector, TLanes}"/> is the algorithm.
/// </summary>
/// <typeparam name="TVector">A row of words: the same word of each block's state.</typeparam>
internal unsafe interface IChaCha20Lanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Blocks worked on at once.</summary>
    static abstract int Count { get; }

    /// <summary>The same word in every lane.</summary>
    static abstract TVector Broadcast(uint word);

    static abstract TVector Add(TVector x, TVector y);

    static abstract TVector Xor(TVector x, TVector y);

    static abstract TVector RotateLeft(TVector x, [ConstantExpected] byte bits);

    /// <summary>Turns four words of each lane's state, from <paramref name="offset"/> octets on, into four rows.</summary>
    static abstract void LoadRows(byte** states, nint offset, TVector* rows);

    /// <summary>Turns sixteen rows into blocks, one behind the other.</summary>
    static abstract void StoreBlocks(TVector* rows, byte* blocks);
}
