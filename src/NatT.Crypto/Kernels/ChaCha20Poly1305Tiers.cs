using System.Buffers.Binary;
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
            case KernelTier.Avx512:
                Seal<Vector512Pair, ChaCha20Avx512>(tier, packets, count, ref scratch);
                break;
            case KernelTier.Avx2:
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
            case KernelTier.Avx512:
                Open<Vector512Pair, ChaCha20Avx512>(tier, packets, count, ref scratch);
                break;
            case KernelTier.Avx2:
                Open<Vector256<uint>, ChaCha20Avx2>(tier, packets, count, ref scratch);
                break;
            default:
                Open<Vector128<uint>, ChaCha20Ssse3>(tier, packets, count, ref scratch);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Seal<TVector, TLanes>(KernelTier tier, ChaChaPacket* packets, int count, ref ScratchMemory scratch)
        where TVector : unmanaged
        where TLanes : struct, IChaCha20Lanes<TVector>
    {
        var streams = new ChaCha20Streams<TVector, TLanes>(packets, count, ref scratch);
        streams.Start();
        streams.Finish();
        for (ChaChaPacket* packet = packets; packet < packets + count; packet++)
        {
            ComputeIcv(tier, packet, ref scratch);
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
        for (ChaChaPacket* packet = packets; packet < packets + count; packet++)
        {
            // All octets are compared before anything is decided.
            ComputeIcv(tier, packet, ref scratch);
            packet->IsForged = *(Vector128<byte>*)packet->Icv != *(Vector128<byte>*)(packet->Text + packet->TextLength);
        }

        streams.Finish();
    }

    /// <summary>Over associated data and ciphertext, each filled up with zeros to whole blocks, and their lengths.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ComputeIcv(KernelTier tier, ChaChaPacket* packet, ref ScratchMemory scratch)
    {
        const int BlockSize = Poly1305.BlockSize;
        byte* mark = scratch.Mark();
        byte* edge = scratch.Take<byte>(2 * BlockSize);
        var poly = new Poly1305(packet->OneTimeKey);
        new Span<byte>(edge, BlockSize).Clear();
        int associated = AeadSuite.WriteAssociatedData(
            new Span<byte>(edge, BlockSize),
            new ReadOnlySpan<byte>(packet->Start, CipherSuite.HeaderSize),
            packet->IsExtended ? packet->SequenceHigh : null);
        poly.Absorb(edge, 1);

        int blocks = packet->TextLength / BlockSize, rest = packet->TextLength % BlockSize;
        Absorb(tier, ref poly, packet->Text, blocks, ref scratch);

        new Span<byte>(edge, BlockSize).Clear();
        new ReadOnlySpan<byte>(packet->Text + (blocks * BlockSize), rest).CopyTo(new Span<byte>(edge, BlockSize));
        byte* lengths = edge + BlockSize;
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(lengths, sizeof(ulong)), (ulong)associated);
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(lengths + sizeof(ulong), sizeof(ulong)), (ulong)packet->TextLength);
        poly.Absorb(rest > 0 ? edge : lengths, rest > 0 ? 2 : 1);
        poly.WriteIcv(packet->Icv);
        scratch.Release(mark);
    }

    /// <summary>Takes in whole blocks.</summary>
    public static void Absorb(KernelTier tier, ref Poly1305 poly, byte* text, int blocks, ref ScratchMemory scratch)
    {
        switch (tier)
        {
            case KernelTier.Avx512:
                Poly1305Strands<Vector512<ulong>, Poly1305Avx512>.Absorb(ref poly, text, blocks, ref scratch);
                break;
            case KernelTier.Avx2:
                Poly1305Strands<Vector256<ulong>, Poly1305Avx2>.Absorb(ref poly, text, blocks, ref scratch);
                break;
            default:
                poly.Absorb(text, blocks);
                break;
        }
    }
}
