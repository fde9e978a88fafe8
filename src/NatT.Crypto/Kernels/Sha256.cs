using System.Runtime.CompilerServices;

namespace NatT.Crypto.Kernels;

/// <summary>SHA-256's compression function (FIPS 180-4 §6.2.2) on as many messages at once as a vector has lanes.</summary>
/// <remarks>Message m's words lie in lane m of each vector, so what follows reads as the standard does for one message.</remarks>
internal static unsafe class Sha256<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : ISha256Lanes<TVector>
{
    /// <summary>Absorbs as many blocks of every message.</summary>
    /// <param name="state">H: eight vectors.</param>
    /// <param name="messages">Where each lane's next block starts.</param>
    /// <param name="blocks">Of each message.</param>
    /// <param name="schedule">Room for 64 vectors; the caller wipes it.</param>
    // SAFETY: every message has `blocks` whole blocks; state and schedule have the vectors named above.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Absorb(TVector* state, byte** messages, int blocks, TVector* schedule)
    {
        for (int block = 0; block < blocks; block++)
        {
            LoadBlock(messages, block * (nint)Sha256Constants.BlockSize, schedule);
            Compress(state, schedule);
        }
    }

    /// <summary>One block, whose words stand in <paramref name="w"/>; the rest of the schedule is written behind them.</summary>
    /// <remarks>
    /// The working variables change their names from round to round instead of moving; after eight they are back. Each round's
    /// word is followed by that of the sixteenth round after it, so that the CPU has two chains to work on instead of one.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compress(TVector* state, TVector* w)
    {
        const int Turn = 8;
        uint* k = Sha256Constants.RoundConstants;
        uint* end = k + Sha256Constants.ScheduleWords;
        TVector a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (; k < end - Sha256Constants.BlockWords; k += Turn, w += Turn)
        {
            Round(a, b, c, ref d, e, f, g, ref h, k[0], w[0]);
            w[16] = NextWord(w[0], w[1], w[9], w[14]);
            Round(h, a, b, ref c, d, e, f, ref g, k[1], w[1]);
            w[17] = NextWord(w[1], w[2], w[10], w[15]);
            Round(g, h, a, ref b, c, d, e, ref f, k[2], w[2]);
            w[18] = NextWord(w[2], w[3], w[11], w[16]);
            Round(f, g, h, ref a, b, c, d, ref e, k[3], w[3]);
            w[19] = NextWord(w[3], w[4], w[12], w[17]);
            Round(e, f, g, ref h, a, b, c, ref d, k[4], w[4]);
            w[20] = NextWord(w[4], w[5], w[13], w[18]);
            Round(d, e, f, ref g, h, a, b, ref c, k[5], w[5]);
            w[21] = NextWord(w[5], w[6], w[14], w[19]);
            Round(c, d, e, ref f, g, h, a, ref b, k[6], w[6]);
            w[22] = NextWord(w[6], w[7], w[15], w[20]);
            Round(b, c, d, ref e, f, g, h, ref a, k[7], w[7]);
            w[23] = NextWord(w[7], w[8], w[16], w[21]);
        }

        for (; k < end; k += Turn, w += Turn)
        {
            Round(a, b, c, ref d, e, f, g, ref h, k[0], w[0]);
            Round(h, a, b, ref c, d, e, f, ref g, k[1], w[1]);
            Round(g, h, a, ref b, c, d, e, ref f, k[2], w[2]);
            Round(f, g, h, ref a, b, c, d, ref e, k[3], w[3]);
            Round(e, f, g, ref h, a, b, c, ref d, k[4], w[4]);
            Round(d, e, f, ref g, h, a, b, ref c, k[5], w[5]);
            Round(c, d, e, ref f, g, h, a, ref b, k[6], w[6]);
            Round(b, c, d, ref e, f, g, h, ref a, k[7], w[7]);
        }

        state[0] = TLanes.Add(state[0], a);
        state[1] = TLanes.Add(state[1], b);
        state[2] = TLanes.Add(state[2], c);
        state[3] = TLanes.Add(state[3], d);
        state[4] = TLanes.Add(state[4], e);
        state[5] = TLanes.Add(state[5], f);
        state[6] = TLanes.Add(state[6], g);
        state[7] = TLanes.Add(state[7], h);
    }

    /// <summary>Step 3 of §6.2.2. The caller's next round takes d for e and h for a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        TVector a, TVector b, TVector c, ref TVector d, TVector e, TVector f, TVector g, ref TVector h, uint k, TVector w)
    {
        TVector t1 = TLanes.Add(TLanes.Add(h, TLanes.Add(w, TLanes.Broadcast(k))), TLanes.Choose(e, f, g));
        t1 = TLanes.Add(t1, TLanes.XorRotations(e, 6, 11, 25));
        TVector t2 = TLanes.Add(TLanes.XorRotations(a, 2, 13, 22), TLanes.Majority(a, b, c));
        d = TLanes.Add(d, t1);
        h = TLanes.Add(t1, t2);
    }

    /// <summary>Step 1 of §6.2.2: W[t + 16] from W[t], W[t + 1], W[t + 9] and W[t + 14].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector NextWord(TVector w0, TVector w1, TVector w9, TVector w14) =>
        TLanes.Add(
            TLanes.Add(w0, TLanes.XorRotationsAndShift(w1, 7, 18, 3)),
            TLanes.Add(w9, TLanes.XorRotationsAndShift(w14, 17, 19, 10)));

    /// <summary>The words of one block of every message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LoadBlock(byte** messages, nint offset, TVector* w)
    {
        TLanes.LoadWords(messages, offset, w);
        TLanes.LoadWords(messages, offset + 16, w + 4);
        TLanes.LoadWords(messages, offset + 32, w + 8);
        TLanes.LoadWords(messages, offset + 48, w + 12);
    }
}
