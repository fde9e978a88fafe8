using System.Runtime.CompilerServices;

namespace NatT.Crypto.Kernels;

/// <summary>Poly1305 of several packets side by side, a lane each, as far as the shortest has whole blocks: no powers of r are needed.</summary>
internal static unsafe class Poly1305Messages<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, IPoly1305Lanes<TVector>
{
    private const int Limbs = 5;

    /// <summary>Takes in every packet's associated data and as many blocks of text as all of them have.</summary>
    /// <returns>How many that were.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Absorb(ChaChaPacket* packets, int count, ref ScratchMemory scratch)
    {
        byte* mark = scratch.Mark();
        byte** associated = (byte**)scratch.Take<nint>(TLanes.Count);
        byte** texts = (byte**)scratch.Take<nint>(TLanes.Count);
        ulong* r = scratch.Take<ulong>(2 * TLanes.Count);
        ulong* limbs = scratch.Take<ulong>(Limbs * TLanes.Count);
        int blocks = int.MaxValue;
        for (int lane = 0; lane < TLanes.Count; lane++)
        {
            // Lanes without a packet do the last one's work once more.
            ChaChaPacket* packet = packets + Math.Min(lane, count - 1);
            associated[lane] = packet->Associated;
            texts[lane] = packet->Text;
            r[lane] = packet->Mac.R0;
            r[TLanes.Count + lane] = packet->Mac.R1;
            blocks = Math.Min(blocks, packet->TextLength / Poly1305.BlockSize);
        }

        AbsorbBlocks(associated, texts, blocks, (TVector*)r, (TVector*)limbs);
        for (int lane = 0; lane < count; lane++, limbs++)
        {
            packets[lane].Mac.Set(
                limbs[0], limbs[TLanes.Count], limbs[2 * TLanes.Count], limbs[3 * TLanes.Count], limbs[4 * TLanes.Count]);
        }

        scratch.Release(mark);
        return blocks;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AbsorbBlocks(byte** associated, byte** texts, int blocks, TVector* r, TVector* limbs)
    {
        TVector zero = TLanes.Broadcast(0);
        TVector h0 = zero, h1 = zero, h2 = zero, h3 = zero, h4 = zero;
        Poly1305Limbs<TVector, TLanes>.Split(
            r[0], r[1], zero, out TVector r0, out TVector r1, out TVector r2, out TVector r3, out TVector r4);
        TVector s1 = Poly1305Limbs<TVector, TLanes>.TimesFive(r1), s2 = Poly1305Limbs<TVector, TLanes>.TimesFive(r2);
        TVector s3 = Poly1305Limbs<TVector, TLanes>.TimesFive(r3), s4 = Poly1305Limbs<TVector, TLanes>.TimesFive(r4);

        // One block of associated data, then those of the text.
        byte** from = associated;
        nint offset = 0;
        for (int left = blocks; left >= 0; left--)
        {
            TLanes.Gather(from, offset, out TVector low, out TVector high);
            Poly1305Limbs<TVector, TLanes>.Absorb(
                low, high, ref h0, ref h1, ref h2, ref h3, ref h4, r0, r1, r2, r3, r4, s1, s2, s3, s4);
            offset = from == texts ? offset + Poly1305.BlockSize : 0;
            from = texts;
        }

        limbs[0] = h0;
        limbs[1] = h1;
        limbs[2] = h2;
        limbs[3] = h3;
        limbs[4] = h4;
    }
}
