using System.Runtime.CompilerServices;

namespace NatT.Crypto.Kernels;

/// <summary>ChaCha20's block function (RFC 8439 §2.3), a block in every lane.</summary>
/// <remarks>The rows are locals, so that a CPU with registers enough keeps all sixteen in them for all rounds.</remarks>
internal static unsafe class ChaCha20Blocks<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, IChaCha20Lanes<TVector>
{
    public const int BlockSize = 64;

    /// <summary>Words of a block's state, and so rows of all of them.</summary>
    public const int StateWords = 16;

    // SAFETY: state has a row for every word, keystream room for a block of every lane.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Generate(TVector* state, byte* keystream, TVector* rows)
    {
        Mix(state, rows);
        TLanes.StoreBlocks(rows, keystream);
    }

    /// <summary>Twenty rounds, two a turn: the columns of the state, then its diagonals; and what it was before added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix(TVector* state, TVector* rows)
    {
        TVector x0 = state[0], x1 = state[1], x2 = state[2], x3 = state[3];
        TVector x4 = state[4], x5 = state[5], x6 = state[6], x7 = state[7];
        TVector x12 = state[12], x13 = state[13], x14 = state[14], x15 = state[15];

        // Of x8 to x11 two are at hand, the others in memory, so that sixteen registers are enough for all this.
        TVector c0 = state[8], c1 = state[9];
        rows[10] = state[10];
        rows[11] = state[11];
        for (int turn = 0; turn < 10; turn++)
        {
            QuarterRound(ref x0, ref x4, ref c0, ref x12);
            QuarterRound(ref x1, ref x5, ref c1, ref x13);
            rows[8] = c0;
            rows[9] = c1;
            c0 = rows[10];
            c1 = rows[11];
            QuarterRound(ref x2, ref x6, ref c0, ref x14);
            QuarterRound(ref x3, ref x7, ref c1, ref x15);

            QuarterRound(ref x0, ref x5, ref c0, ref x15);
            QuarterRound(ref x1, ref x6, ref c1, ref x12);
            rows[10] = c0;
            rows[11] = c1;
            c0 = rows[8];
            c1 = rows[9];
            QuarterRound(ref x2, ref x7, ref c0, ref x13);
            QuarterRound(ref x3, ref x4, ref c1, ref x14);
        }

        rows[0] = TLanes.Add(x0, state[0]);
        rows[1] = TLanes.Add(x1, state[1]);
        rows[2] = TLanes.Add(x2, state[2]);
        rows[3] = TLanes.Add(x3, state[3]);
        rows[4] = TLanes.Add(x4, state[4]);
        rows[5] = TLanes.Add(x5, state[5]);
        rows[6] = TLanes.Add(x6, state[6]);
        rows[7] = TLanes.Add(x7, state[7]);
        rows[8] = TLanes.Add(c0, state[8]);
        rows[9] = TLanes.Add(c1, state[9]);
        rows[10] = TLanes.Add(rows[10], state[10]);
        rows[11] = TLanes.Add(rows[11], state[11]);
        rows[12] = TLanes.Add(x12, state[12]);
        rows[13] = TLanes.Add(x13, state[13]);
        rows[14] = TLanes.Add(x14, state[14]);
        rows[15] = TLanes.Add(x15, state[15]);
    }

    /// <summary>RFC 8439 §2.1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuarterRound(ref TVector a, ref TVector b, ref TVector c, ref TVector d)
    {
        a = TLanes.Add(a, b);
        d = TLanes.RotateLeft(TLanes.Xor(d, a), 16);
        c = TLanes.Add(c, d);
        b = TLanes.RotateLeft(TLanes.Xor(b, c), 12);
        a = TLanes.Add(a, b);
        d = TLanes.RotateLeft(TLanes.Xor(d, a), 8);
        c = TLanes.Add(c, d);
        b = TLanes.RotateLeft(TLanes.Xor(b, c), 7);
    }
}
