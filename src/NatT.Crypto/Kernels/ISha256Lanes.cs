using System.Diagnostics.CodeAnalysis;

namespace NatT.Crypto.Kernels;

/// <summary>
/// The 32-bit operations of SHA-256 on a vector whose every lane belongs to another message. One implementation for each
/// set of instructions; <see cref="Sha256{TVector, TLanes}"/> is the algorithm.
/// </summary>
/// <typeparam name="TVector">A row of words: the same word of each message.</typeparam>
internal unsafe interface ISha256Lanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Messages worked on at once.</summary>
    static abstract int Count { get; }

    /// <summary>The same word in every lane.</summary>
    static abstract TVector Broadcast(uint word);

    static abstract TVector Add(TVector x, TVector y);

    /// <summary>ROTR^first ⊕ ROTR^second ⊕ ROTR^third.</summary>
    static abstract TVector XorRotations(
        TVector x, [ConstantExpected] byte first, [ConstantExpected] byte second, [ConstantExpected] byte third);

    /// <summary>ROTR^first ⊕ ROTR^second ⊕ SHR^shift.</summary>
    static abstract TVector XorRotationsAndShift(
        TVector x, [ConstantExpected] byte first, [ConstantExpected] byte second, [ConstantExpected] byte shift);

    /// <summary>Ch: the bits of y where x has ones, of z where it has zeros.</summary>
    static abstract TVector Choose(TVector x, TVector y, TVector z);

    /// <summary>Maj: the bits that most of the three have.</summary>
    static abstract TVector Majority(TVector x, TVector y, TVector z);

    /// <summary>
    /// Turns 16 octets of each message, from <paramref name="offset"/> on, into four rows of words, most significant octet first:
    /// a transposition of 4 × 4 words in every 128 bits.
    /// </summary>
    static abstract void LoadWords(byte** messages, nint offset, TVector* words);
}
