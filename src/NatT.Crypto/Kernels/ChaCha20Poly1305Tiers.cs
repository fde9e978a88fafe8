using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>RFC 8439 §2.8 for a group of packets, on the vectors of each tier.</summary>
internal static unsafe class ChaCha20Poly1305Tiers
{
    /// <summary>How many packets a group has at most: one for each of ChaCha20's lanes.</summary>
    public static int GroupSize(KernelTier tier) => tier switch
    {
        KernelTier.Avx512 => ChaCha20Avx512.Count,
        KernelTier.Avx2 => ChaCha20Avx2.Count,
        _ => ChaCha20Ssse3.Count,
    };

    /// <summary>Encrypts every packet and writes its ICV.</summary>
    public static void Seal(KernelTier tier, ChaChaPacket* packets, int count, ref ScratchMemory scratch)
    {
        switch (tier)
        {
            case KernelTier.Avx512 when !IsFew(packets, count):
                Seal<Vector512Pair, ChaCha20Avx512>(tier, packets, count, ref scratch);
                break;
            case KernelTier.Avx512 or KernelTier.Avx2:
                Seal<Vector256<uint>, ChaCha20Avx2>(tier, packets, count, ref scratch);
                break;
            default:
                Seal<Vector128<uint>, ChaCha20Ssse3>(tier, packets, count, ref scratch);
                break;
        }
    }

    /// <summary>Checks every packet's ICV and decrypts the packet, or finds it forged.</summary>
    public static void Open(KernelTier tier, ChaChaPacket* packets, int count, ref ScratchMemory scratch)
    {
        switch (tier)
        {
            case KernelTier.Avx512 when !IsFew(packets, count):
                Open<Vector512Pair, ChaCha20Avx512>(tier, packets, count, ref scratch);
                break;
            case KernelTier.Avx512 or KernelTier.Avx2:
                Open<Vector256<uint>, ChaCha20Avx2>(tier, packets, count, ref scratch);
                break;
            default:
                Open<Vector128<uint>, ChaCha20Ssse3>(tier, packets, count, ref scratch);
                break;
        }
    }

    /// <summary>Whether one run of AVX2's lanes does for all blocks, which takes less time than one of AVX-512's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool IsFew(ChaChaPacket* packets, int count)
    {
        int blocks = count;
        for (int i = 0; i < count && blocks <= ChaCha20Avx2.Count; i++)
        {
            blocks += packets[i].TextBlocks;
        }

        return blocks <= ChaCha20Avx2.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Seal<TVector, TLanes>(KernelTier tier, ChaChaPacket* packets, int count, ref ScratchMemory scratch)
        where TVector : unmanaged
        where TLanes : struct, IChaCha20Lanes<TVector>
    {
        var streams = new ChaCha20Streams<TVector, TLanes>(packets, count, ref scratch);
        streams.Start();
        streams.Finish();
        ChaChaIcvs.Compute(tier, packets, count, ref scratch);
        for (ChaChaPacket* packet = packets; packet < packets + count; packet++)
        {
            *(Vector128<byte>*)(packet->Text + packet->TextLength) = *(Vector128<byte>*)packet->Icv;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Open<TVector, TLanes>(KernelTier tier, ChaChaPacket* packets, int count, ref ScratchMemory scratch)
        where TVector : unmanaged
        where TLanes : struct, IChaCha20Lanes<TVector>
    {
        var streams = new ChaCha20Streams<TVector, TLanes>(packets, count, ref scratch);
        streams.Start();
        ChaChaIcvs.Compute(tier, packets, count, ref scratch);
        for (ChaChaPacket* packet = packets; packet < packets + count; packet++)
        {
            // All octets are compared before anything is decided.
            packet->IsForged = *(Vector128<byte>*)packet->Icv != *(Vector128<byte>*)(packet->Text + packet->TextLength);
        }

        streams.Finish();
    }
}
