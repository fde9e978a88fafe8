using System.Runtime.CompilerServices;

namespace NatT.Crypto.Kernels;

/// <summary>Poly1305's step on vectors, each lane with a polynomial of its own.</summary>
/// <remarks>
/// Numbers are of five limbs in radix 2²⁶, so that products of limbs have room to be added up in 64 bits:
/// h = h0 + 2²⁶·h1 + 2⁵²·h2 + 2⁷⁸·h3 + 2¹⁰⁴·h4. Of r's upper limbs the five-fold goes with it: s1 to s4.
/// </remarks>
internal static class Poly1305Limbs<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, IPoly1305Lanes<TVector>
{
    private const int LimbBits = 26;
    private const ulong LimbMask = (1UL << LimbBits) - 1;

    /// <summary>2¹²⁸, which a whole block has in front of it, in units of h4.</summary>
    private const ulong WholeBlock = 1UL << (128 - (4 * LimbBits));

    /// <summary>h ← (h + block) · r of every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Absorb(
        TVector low, TVector high,
        ref TVector h0, ref TVector h1, ref TVector h2, ref TVector h3, ref TVector h4,
        TVector r0, TVector r1, TVector r2, TVector r3, TVector r4, TVector s1, TVector s2, TVector s3, TVector s4)
    {
        Split(low, high, TLanes.Broadcast(WholeBlock), out TVector m0, out TVector m1, out TVector m2, out TVector m3, out TVector m4);
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

    /// <summary>Limbs of low + 2⁶⁴·high + 2¹⁰⁴·top.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split(
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
    public static TVector TimesFive(TVector x) => TLanes.Add(x, TLanes.ShiftLeft(x, 2));
}
