using System.Runtime.CompilerServices;

namespace NatT.Crypto.Kernels;

/// <summary>Poly1305 of one message in n strands, a lane each: the blocks 0, n, 2n, …, then 1, n + 1, 2n + 1, …, and so on.</summary>
/// <remarks>
/// All strands step by rⁿ, but the last step, which takes each strand by its own power, rⁿ for the first to r for the last, so that
/// their sum is the whole message's polynomial.
/// </remarks>
internal static unsafe class Poly1305Strands<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, IPoly1305Lanes<TVector>
{
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
        ulong* ofBlocks = scratch.Take<ulong>(3 * TLanes.Count);
        WritePowers(state.R0, state.R1, (ulong*)powers, ofBlocks);
        AbsorbStrands(ref state, blocks + (before * Poly1305.BlockSize), count / TLanes.Count, powers);
        scratch.Release(mark);
    }

    /// <summary>The power that each strand's last step takes, in words of 64 bits like h: a vector of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WritePowers(ulong r0, ulong r1, ulong* powers, ulong* ofBlocks)
    {
        ulong p0 = r0, p1 = r1, p2 = 0;
        for (int block = TLanes.Count - 1; block >= 0; block--)
        {
            ofBlocks[block] = p0;
            ofBlocks[TLanes.Count + block] = p1;
            ofBlocks[(2 * TLanes.Count) + block] = p2;
            Poly1305.Multiply(ref p0, ref p1, ref p2, r0, r1);
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
        Poly1305Limbs<TVector, TLanes>.Split(
            TLanes.First(state.H0), TLanes.First(state.H1), TLanes.First(state.H2 << 24),
            out TVector h0, out TVector h1, out TVector h2, out TVector h3, out TVector h4);

        // The first lane's power is the highest: the step of all strands.
        var words = (ulong*)powers;
        TVector p0 = TLanes.Broadcast(words[0]), p1 = TLanes.Broadcast(words[TLanes.Count]), p2 = TLanes.Broadcast(words[2 * TLanes.Count]);
        while (true)
        {
            Poly1305Limbs<TVector, TLanes>.Split(
                p0, p1, TLanes.ShiftLeft(p2, 24),
                out TVector r0, out TVector r1, out TVector r2, out TVector r3, out TVector r4);
            TVector s1 = Poly1305Limbs<TVector, TLanes>.TimesFive(r1), s2 = Poly1305Limbs<TVector, TLanes>.TimesFive(r2);
            TVector s3 = Poly1305Limbs<TVector, TLanes>.TimesFive(r3), s4 = Poly1305Limbs<TVector, TLanes>.TimesFive(r4);
            do
            {
                TLanes.Load(blocks, out TVector low, out TVector high);
                Poly1305Limbs<TVector, TLanes>.Absorb(
                    low, high, ref h0, ref h1, ref h2, ref h3, ref h4, r0, r1, r2, r3, r4, s1, s2, s3, s4);
                blocks += TLanes.Count * Poly1305.BlockSize;
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
}
