using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>HMAC-SHA-256 on the vectors of each tier.</summary>
internal static unsafe class HmacSha256Tiers
{
    /// <summary>At or below this many packets AVX-512 does better with half as wide vectors.</summary>
    private const int FewPackets = 8;

    /// <summary>Computes every packet's ICV into its description.</summary>
    public static void ComputeIcvs(KernelTier tier, KernelPacket* packets, int count, ref ScratchMemory scratch)
    {
        switch (tier)
        {
            case KernelTier.Avx512 when count > FewPackets:
                HmacSha256<Vector512<uint>, Sha256Avx512>.ComputeIcvs(packets, count, ref scratch);
                break;
            case KernelTier.Avx512:
                HmacSha256<Vector256<uint>, Sha256Avx512Vl>.ComputeIcvs(packets, count, ref scratch);
                break;
            case KernelTier.Avx2:
                HmacSha256<Vector256<uint>, Sha256Avx2>.ComputeIcvs(packets, count, ref scratch);
                break;
            default:
                HmacSha256<Vector128<uint>, Sha256Ssse3>.ComputeIcvs(packets, count, ref scratch);
                break;
        }
    }

    /// <summary>SHA-256's states after HMAC's padded keys (RFC 2104 §4), from which every packet's two hashes start.</summary>
    public static void ExpandKey(KernelTier tier, ReadOnlySpan<byte> key, ExpandedKeys* keys, ref ScratchMemory scratch)
    {
        const int BlockSize = Sha256Constants.BlockSize;
        byte* mark = scratch.Mark();
        byte* block = scratch.Take<byte>(BlockSize);
        var padded = new Span<byte>(block, BlockSize);
        padded.Clear();
        if (key.Length > BlockSize)
        {
            Hash(tier, key, padded, ref scratch);
        }
        else
        {
            key.CopyTo(padded);
        }

        Xor(padded, 0x36);
        Sha256Constants.InitialState.CopyTo(new Span<uint>(keys->Inner, Sha256Constants.StateWords));
        Absorb(tier, keys->Inner, block, 1, ref scratch);
        Xor(padded, 0x36 ^ 0x5C);
        Sha256Constants.InitialState.CopyTo(new Span<uint>(keys->Outer, Sha256Constants.StateWords));
        Absorb(tier, keys->Outer, block, 1, ref scratch);
        scratch.Release(mark);
    }

    private static void Hash(KernelTier tier, ReadOnlySpan<byte> message, Span<byte> digest, ref ScratchMemory scratch)
    {
        const int BlockSize = Sha256Constants.BlockSize;
        const int StateWords = Sha256Constants.StateWords;
        byte* mark = scratch.Mark();
        uint* state = scratch.Take<uint>(StateWords);
        byte* tail = scratch.Take<byte>(2 * BlockSize);
        Sha256Constants.InitialState.CopyTo(new Span<uint>(state, StateWords));
        int rest = message.Length % BlockSize;
        fixed (byte* octets = message)
        {
            Absorb(tier, state, octets, message.Length / BlockSize, ref scratch);
        }

        message[^rest..].CopyTo(new Span<byte>(tail, rest));
        Absorb(tier, state, tail, Sha256Constants.Pad(tail, rest, message.Length), ref scratch);
        for (int i = 0; i < StateWords; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest[(i * sizeof(uint))..], state[i]);
        }

        scratch.Release(mark);
    }

    private static void Absorb(KernelTier tier, uint* state, byte* message, int blocks, ref ScratchMemory scratch)
    {
        switch (tier)
        {
            case KernelTier.Avx512:
                HmacSha256<Vector256<uint>, Sha256Avx512Vl>.Absorb(state, message, blocks, ref scratch);
                break;
            case KernelTier.Avx2:
                HmacSha256<Vector256<uint>, Sha256Avx2>.Absorb(state, message, blocks, ref scratch);
                break;
            default:
                HmacSha256<Vector128<uint>, Sha256Ssse3>.Absorb(state, message, blocks, ref scratch);
                break;
        }
    }

    private static void Xor(Span<byte> octets, byte with)
    {
        foreach (ref byte octet in octets)
        {
            octet ^= with;
        }
    }
}
