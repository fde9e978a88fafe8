using System.Buffers.Binary;

namespace NatT.Crypto.Kernels;

/// <summary>What HMAC-SHA-256 computes once from its key.</summary>
internal static unsafe class HmacKey
{
    /// <summary>SHA-256's states after HMAC's padded keys (RFC 2104 §4), from which every packet's two hashes start.</summary>
    public static void Expand<THmac>(THmac hmac, ReadOnlySpan<byte> key, ExpandedKeys* keys, ref ScratchMemory scratch)
        where THmac : struct, IHmacSha256
    {
        const int BlockSize = Sha256Constants.BlockSize;
        byte* mark = scratch.Mark();
        byte* block = scratch.Take<byte>(BlockSize);
        var padded = new Span<byte>(block, BlockSize);
        padded.Clear();
        if (key.Length > BlockSize)
        {
            Hash(hmac, key, padded, ref scratch);
        }
        else
        {
            key.CopyTo(padded);
        }

        Xor(padded, 0x36);
        Sha256Constants.InitialState.CopyTo(new Span<uint>(keys->Inner, Sha256Constants.StateWords));
        hmac.Absorb(keys->Inner, block, 1, ref scratch);
        Xor(padded, 0x36 ^ 0x5C);
        Sha256Constants.InitialState.CopyTo(new Span<uint>(keys->Outer, Sha256Constants.StateWords));
        hmac.Absorb(keys->Outer, block, 1, ref scratch);
        scratch.Release(mark);
    }

    private static void Hash<THmac>(THmac hmac, ReadOnlySpan<byte> message, Span<byte> digest, ref ScratchMemory scratch)
        where THmac : struct, IHmacSha256
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
            hmac.Absorb(state, octets, message.Length / BlockSize, ref scratch);
        }

        message[^rest..].CopyTo(new Span<byte>(tail, rest));
        hmac.Absorb(state, tail, Sha256Constants.Pad(tail, rest, message.Length), ref scratch);
        for (int i = 0; i < StateWords; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest[(i * sizeof(uint))..], state[i]);
        }

        scratch.Release(mark);
    }

    private static void Xor(Span<byte> octets, byte with)
    {
        foreach (ref byte octet in octets)
        {
            octet ^= with;
        }
    }
}
