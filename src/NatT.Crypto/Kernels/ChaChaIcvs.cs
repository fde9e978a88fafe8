using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>
/// The ICVs of a group of packets (RFC 8439 §2.8): Poly1305 of associated data and ciphertext, each filled up with zeros to whole
/// blocks, and of their lengths.
/// </summary>
internal static unsafe class ChaChaIcvs
{
    private const int BlockSize = Poly1305.BlockSize;

    /// <summary>Computes every packet's ICV into its description.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(KernelTier tier, ChaChaPacket* packets, int count, ref ScratchMemory scratch)
    {
        int lanes = tier switch { KernelTier.Avx512 => Poly1305Avx512.Count, KernelTier.Avx2 => Poly1305Avx2.Count, _ => 1 };
        for (int taken; count > 0; packets += taken, count -= taken)
        {
            // With half of the lanes empty, packets are better off one by one, each in all of them.
            taken = Math.Min(lanes, count);
            bool isSideBySide = lanes > 1 && taken > lanes / 2;
            int done = isSideBySide ? AbsorbSideBySide(tier, packets, taken, ref scratch) : 0;
            for (ChaChaPacket* packet = packets; packet < packets + taken; packet++)
            {
                if (!isSideBySide)
                {
                    packet->Mac.Absorb(packet->Associated, 1);
                }

                Finish(tier, packet, done, ref scratch);
            }
        }
    }

    /// <summary>Takes in whole blocks of one message.</summary>
    public static void Absorb(KernelTier tier, ref Poly1305 mac, byte* blocks, int count, ref ScratchMemory scratch)
    {
        switch (tier)
        {
            case KernelTier.Avx512:
                Poly1305Strands<Vector512<ulong>, Poly1305Avx512>.Absorb(ref mac, blocks, count, ref scratch);
                break;
            case KernelTier.Avx2:
                Poly1305Strands<Vector256<ulong>, Poly1305Avx2>.Absorb(ref mac, blocks, count, ref scratch);
                break;
            default:
                mac.Absorb(blocks, count);
                break;
        }
    }

    private static int AbsorbSideBySide(KernelTier tier, ChaChaPacket* packets, int count, ref ScratchMemory scratch) =>
        tier == KernelTier.Avx512
            ? Poly1305Messages<Vector512<ulong>, Poly1305Avx512>.Absorb(packets, count, ref scratch)
            : Poly1305Messages<Vector256<ulong>, Poly1305Avx2>.Absorb(packets, count, ref scratch);

    /// <summary>The text from its block <paramref name="done"/> on, and the lengths.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish(KernelTier tier, ChaChaPacket* packet, int done, ref ScratchMemory scratch)
    {
        int blocks = packet->TextLength / BlockSize, rest = packet->TextLength % BlockSize;
        if (blocks > done)
        {
            Absorb(tier, ref packet->Mac, packet->Text + (done * BlockSize), blocks - done, ref scratch);
        }

        byte* mark = scratch.Mark();
        byte* last = scratch.Take<byte>(BlockSize);
        if (rest > 0)
        {
            *(Vector128<byte>*)last = default;
            Unsafe.CopyBlockUnaligned(last, packet->Text + (blocks * BlockSize), (uint)rest);
            packet->Mac.Absorb(last, 1);
        }

        *(Vector128<ulong>*)last = Vector128.Create((ulong)packet->AssociatedLength, (ulong)packet->TextLength);
        packet->Mac.Absorb(last, 1);
        packet->Mac.WriteIcv(packet->Icv);
        scratch.Release(mark);
    }
}
