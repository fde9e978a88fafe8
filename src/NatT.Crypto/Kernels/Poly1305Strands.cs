using System.Runtime.CompilerServices;

namespace NatT.Crypto.Kernels;

/// <summary>Poly1305 of one message in n strands, a lane each: the blocks 0, n, 2n, …, then 1, n + 1, 2n + 1, …, and so on.</summary>
/// <remarks>
/// All strands step by rⁿ, but the last step, which takes each strand by its own power, rⁿ for the first to r for the last, so that
/// their sum is the whole message's polynomial. Numbers are of five limbs in radix 2²⁶, so that products of limbs have room
/// to be added up in 64 bits: h = h0 + 2²⁶·h1 + 2⁵²·h2 + 2⁷⁸·h3 + 2¹⁰⁴·h4.
/// </remarks>
internal static unsafe class Poly1305Strands<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, IPoly1305Lanes<TVector>
{
    private const int LimbBits = 26;
    private const ulong LimbMask = (1UL << LimbBits) - 1;

    /// <summary>2¹²⁸, which a whole block has in front of it, in units of h4.</summary>
    private const ulong WholeBlock = 1UL << (128 - (4 * LimbBits));

    /// <summary>From this many blocks on the powers of r cost less than strands save.</summary>
    private static int Worthwhile => 3 * TLanes.Count;

    /// <summary>Takes in whole blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Absorb(ref Poly1305 state, byte* blocks, int count, ref ScratchMemory scratch)
    {
        if (count < Worthwhile)
        {
            state.Absorb(blocks, count);
            return;
        }

        int before = count % TLanes.Count;
        state.Absorb(blocks, before);
        byte* mark = scratch.Mark();
        TVector* powers = scratch.Take<TVector>(3);
        WritePowers(state.Power(), (ulong*)powers);
        AbsorbStrands(ref state, blocks + (before * Poly1305.BlockSize), count / TLanes.Count, powers);
        scratch.Release(mark);
    }

    /// <summary>The power that each strand's last step takes, in words of 64 bits like h: a vector of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WritePowers(Poly1305 power, ulong* powers)
    {
        ulong* ofBlocks = stackalloc ulong[3 * TLanes.Count];
        for (int block = TLanes.Count - 1; block >= 0; block--)
        {
            ofBlocks[block] = power.H0;
            ofBlocks[TLanes.Count + block] = power.H1;
            ofBlocks[(2 * TLanes.Count) + block] = power.H2;
            power.Multiply();
        }

        for (int lane = 0; lane < TLanes.Count; lane++)
        {
            int block = TLanes.BlockOfLane(lane);
            powers[lane] = ofBlocks[block];
            powers[TLanes.Count + lane] = ofBlocks[TLanes.Count + block];
            powers[(2 * TLanes.Count) + lane] = ofBlocks[(2 * TLanes.Count) + block];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AbsorbStrands(ref Poly1305 state, byte* blocks, int steps, TVector* powers)
    {
        // Blocks before these, if any, are of the first strand.
        TVector whole = TLanes.Broadcast(WholeBlock);
        Split(
            TLanes.First(state.H0), TLanes.First(state.H1), TLanes.First(state.H2 << 24),
            out TVector h0, out TVector h1, out TVector h2, out TVector h3, out TVector h4);

        // The first lane's power is the highest: the step of all strands.
        var words = (ulong*)powers;
        TVector p0 = TLanes.Broadcast(words[0]), p1 = TLanes.Broadcast(words[TLanes.Count]), p2 = TLanes.Broadcast(words[2 * TLanes.Count]);
        while (true)
        {
            Split(p0, p1, TLanes.ShiftLeft(p2, 24), out TVector r0, out TVector r1, out TVector r2, out TVector r3, out TVector r4);
            TVector s1 = TimesFive(r1), s2 = TimesFive(r2), s3 = TimesFive(r3), s4 = TimesFive(r4);
            do
            {
                TLanes.Load(blocks, out TVector low, out TVector high);
                blocks += TLanes.Count * Poly1305.BlockSize;
                Split(low, high, whole, out TVector m0, out TVector m1, out TVector m2, out TVector m3, out TVector m4);
                h0 = TLanes.Add(h0, m0);
                h1 = TLanes.Add(h1, m1);
                h2 = TLanes.Add(h2, m2);
                h3 = TLanes.Add(h3, m3);
                h4 = TLanes.Add(h4, m4);

                // Limbs from 2¹³⁰ on come back multiplied by 5.
                TVector d0 = Dot(h0, r0, h1, s4, h2, s3, h3, s2, h4, s1);
                TVector d1 = Dot(h0, r1, h1, r0, h2, s4, h3, s3, h4, s2);
                TVector d2 = Dot(h0, r2, h1, r1, h2, r0, h3, s4, h4, s3);
                TVector d3 = Dot(h0, r3, h1, r2, h2, r1, h3, r0, h4, s4);
                TVector d4 = Dot(h0, r4, h1, r3, h2, r2, h3, r1, h4, r0);

                // Two chains of carries at a time. What is left in h1 and h4 is a few bits above a limb.
                Carry(ref d3, ref d4);
                Carry(ref d0, ref d1);
                CarryAround(ref d4, ref d0);
                Carry(ref d1, ref d2);
                Carry(ref d2, ref d3);
                Carry(ref d0, ref d1);
                Carry(ref d3, ref d4);
                h0 = d0;
                h1 = d1;
                h2 = d2;
                h3 = d3;
                h4 = d4;
            }
            while (--steps > 1);

            if (steps == 0)
            {
                break;
            }

            p0 = powers[0];
            p1 = powers[1];
            p2 = powers[2];
        }

        state.Set(TLanes.Sum(h0), TLanes.Sum(h1), TLanes.Sum(h2), TLanes.Sum(h3), TLanes.Sum(h4));
    }

    /// <summary>Limbs of low + 2⁶⁴·high + 2¹⁰⁴·top.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split(
        TVector low, TVector high, TVector top, out TVector l0, out TVector l1, out TVector l2, out TVector l3, out TVector l4)
    {
        TVector mask = TLanes.Broadcast(LimbMask);
        l0 = TLanes.And(low, mask);
        l1 = TLanes.And(TLanes.ShiftRight(low, 26), mask);
        l2 = TLanes.And(TLanes.Or(TLanes.ShiftRight(low, 52), TLanes.ShiftLeft(high, 12)), mask);
        l3 = TLanes.And(TLanes.ShiftRight(high, 14), mask);
        l4 = TLanes.Add(TLanes.ShiftRight(high, 40), top);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Dot(
        TVector a, TVector b, TVector c, TVector d, TVector e, TVector f, TVector g, TVector h, TVector i, TVector j) =>
        TLanes.Add(
            TLanes.Add(TLanes.Add(TLanes.Multiply(a, b), TLanes.Multiply(c, d)), TLanes.Add(TLanes.Multiply(e, f), TLanes.Multiply(g, h))),
            TLanes.Multiply(i, j));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Carry(ref TVector from, ref TVector to)
    {
        to = TLanes.Add(to, TLanes.ShiftRight(from, LimbBits));
        from = TLanes.And(from, TLanes.Broadcast(LimbMask));
    }

    /// <summary>From the highest limb to the lowest: 2¹³⁰ ≡ 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CarryAround(ref TVector from, ref TVector to)
    {
        to = TLanes.Add(to, TimesFive(TLanes.ShiftRight(from, LimbBits)));
        from = TLanes.And(from, TLanes.Broadcast(LimbMask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector TimesFive(TVector x) => TLanes.Add(x, TLanes.ShiftLeft(x, 2));
}
