using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels.Arm64;

/// <summary>HMAC-SHA-256 on Arm's instructions, which take one message through four rounds at once: packet after packet.</summary>
internal readonly unsafe struct ArmHmacSha256<TInstructions> : IHmacSha256
    where TInstructions : struct, IArmCrypto
{
    private const int BlockSize = Sha256Constants.BlockSize;
    private const int StateWords = Sha256Constants.StateWords;
    private const int DigestSize = StateWords * sizeof(uint);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ComputeIcvs(KernelPacket* packets, int count, ref ScratchMemory scratch)
    {
        byte* mark = scratch.Mark();
        uint* state = scratch.Take<uint>(StateWords);
        byte* tail = scratch.Take<byte>(2 * BlockSize);
        for (KernelPacket* packet = packets; packet < packets + count; packet++)
        {
            CopyState(packet->Keys->Inner, state);
            Absorb(state, packet->Start, packet->AuthenticatedLength / BlockSize);
            Absorb(state, tail, packet->WriteTail(tail));

            WriteDigest(state, tail);
            int blocks = Sha256Constants.Pad(tail, DigestSize, BlockSize + DigestSize);
            CopyState(packet->Keys->Outer, state);
            Absorb(state, tail, blocks);

            WriteDigest(state, tail);
            Unsafe.CopyBlockUnaligned(packet->Icv, tail, KernelPacket.LargestIcvSize);
        }

        scratch.Release(mark);
    }

    public void Absorb(uint* state, byte* message, int blocks, ref ScratchMemory scratch) => Absorb(state, message, blocks);

    // SAFETY: state has eight words, message has `blocks` whole blocks.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Absorb(uint* state, byte* message, int blocks)
    {
        Vector128<uint> abcd = Vector128.Load(state), efgh = Vector128.Load(state + 4);
        for (; blocks > 0; blocks--, message += BlockSize)
        {
            Vector128<uint> abcdBefore = abcd, efghBefore = efgh;
            Vector128<uint> w0 = LoadWords(message), w4 = LoadWords(message + 16);
            Vector128<uint> w8 = LoadWords(message + 32), w12 = LoadWords(message + 48);
            uint* k = Sha256Constants.RoundConstants;
            uint* lastBlock = k + Sha256Constants.ScheduleWords - Sha256Constants.BlockWords;
            for (; k < lastBlock; k += Sha256Constants.BlockWords)
            {
                FourRounds(ref abcd, ref efgh, w0, k);
                w0 = NextWords(w0, w4, w8, w12);
                FourRounds(ref abcd, ref efgh, w4, k + 4);
                w4 = NextWords(w4, w8, w12, w0);
                FourRounds(ref abcd, ref efgh, w8, k + 8);
                w8 = NextWords(w8, w12, w0, w4);
                FourRounds(ref abcd, ref efgh, w12, k + 12);
                w12 = NextWords(w12, w0, w4, w8);
            }

            FourRounds(ref abcd, ref efgh, w0, k);
            FourRounds(ref abcd, ref efgh, w4, k + 4);
            FourRounds(ref abcd, ref efgh, w8, k + 8);
            FourRounds(ref abcd, ref efgh, w12, k + 12);
            abcd += abcdBefore;
            efgh += efghBefore;
        }

        abcd.Store(state);
        efgh.Store(state + 4);
    }

    /// <summary>Rounds t to t + 3, for which w has words t to t + 3 of the schedule and k points to K of round t.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourRounds(ref Vector128<uint> abcd, ref Vector128<uint> efgh, Vector128<uint> w, uint* k)
    {
        Vector128<uint> wk = w + Vector128.Load(k);
        Vector128<uint> before = abcd;
        abcd = TInstructions.Sha256H(abcd, efgh, wk);
        efgh = TInstructions.Sha256H2(efgh, before, wk);
    }

    /// <summary>The four words of the schedule behind the sixteen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> NextWords(Vector128<uint> w0, Vector128<uint> w4, Vector128<uint> w8, Vector128<uint> w12) =>
        TInstructions.Sha256Su1(TInstructions.Sha256Su0(w0, w4), w8, w12);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> LoadWords(byte* octets) =>
        Vector128.Shuffle(Vector128.Load(octets), Sha256Constants.BigEndianWords).AsUInt32();

    private static void CopyState(uint* from, uint* to) => Unsafe.CopyBlockUnaligned(to, from, StateWords * sizeof(uint));

    private static void WriteDigest(uint* state, byte* octets) =>
        BinaryPrimitives.ReverseEndianness(new ReadOnlySpan<uint>(state, StateWords), new Span<uint>(octets, StateWords));
}
