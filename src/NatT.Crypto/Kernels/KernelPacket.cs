using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace NatT.Crypto.Kernels;

/// <summary>One job as the kernels see it: checked, and its places looked up.</summary>
// SAFETY: its pointers hold while the suite keeps the buffers fixed and the keys alive, that is, during one batch.
internal unsafe struct KernelPacket
{
    private const int HeaderSize = CipherSuite.HeaderSize;
    private const int BlockSize = AesKeySchedule.BlockSize;

    public const int LargestIcvSize = 16;

    public ExpandedKeys* Keys;

    /// <summary>The packet's first octet: its SPI.</summary>
    public byte* Start;

    /// <summary>Sealing: where the plaintext of the first <see cref="BodyBlocks"/> blocks is; the others' is where their ciphertext goes.</summary>
    public byte* Body;

    public int BodyBlocks;

    /// <summary>Of ciphertext.</summary>
    public int Blocks;

    /// <summary>Which of the batch's jobs it is.</summary>
    public int Job;

    /// <summary>The sequence number's high half is authenticated too.</summary>
    public bool IsExtended;

    public uint SequenceHigh;

    /// <summary>The ICV as computed, whole.</summary>
    public fixed byte Icv[LargestIcvSize];

    public readonly byte* Iv => Start + HeaderSize;

    public readonly byte* Ciphertext => Start + HeaderSize + BlockSize;

    public readonly byte* PlaceOfIcv => Start + AuthenticatedLength;

    /// <summary>Octets from header to ciphertext: what is authenticated, and sent.</summary>
    public readonly int AuthenticatedLength => HeaderSize + BlockSize + (Blocks * BlockSize);

    /// <summary>Looks up the places of all but the body, which only a packet to seal has.</summary>
    // SAFETY: a packet of `length` octets starts at `start`.
    public void Describe(KernelCipherKey<ExpandedKeys> key, byte* start, int length, uint? sequenceHigh)
    {
        ObjectDisposedException.ThrowIf(key.IsDisposed, key);
        Keys = key.Keys;
        Start = start;
        Blocks = (length - HeaderSize - BlockSize - key.IcvSize) / BlockSize;
        IsExtended = sequenceHigh.HasValue;
        SequenceHigh = sequenceHigh.GetValueOrDefault();
    }

    /// <summary>Remembers where the body is, and puts the block together in which it ends and the trailer starts, where it will be encrypted.</summary>
    // SAFETY: `length` octets are at `body`, and the packet's ciphertext is no shorter.
    public void TakeBody(byte* body, int length)
    {
        Body = body;
        BodyBlocks = length / BlockSize;
        int whole = BodyBlocks * BlockSize;
        Buffer.MemoryCopy(body + whole, Ciphertext + whole, BlockSize, length - whole);
    }

    /// <summary>
    /// The octets that HMAC's inner hash takes behind the last whole block: the rest, with ESN the number's high half
    /// (RFC 4303 §2.2.1), and SHA-256's padding.
    /// </summary>
    /// <returns>Blocks: one or two.</returns>
    // SAFETY: tail has room for two blocks.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly int WriteTail(byte* tail)
    {
        int length = AuthenticatedLength;
        int used = length % Sha256Constants.BlockSize;
        Unsafe.CopyBlockUnaligned(tail, Start + (length - used), (uint)used);
        if (IsExtended)
        {
            Unsafe.WriteUnaligned(tail + used, BinaryPrimitives.ReverseEndianness(SequenceHigh));
            used += sizeof(uint);
            length += sizeof(uint);
        }

        return Sha256Constants.Pad(tail, used, Sha256Constants.BlockSize + length);
    }
}
