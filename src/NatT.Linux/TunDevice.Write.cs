using System.Diagnostics;
using System.Runtime.InteropServices;
using NatT.Linux.Interop;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Segmentation;

namespace NatT.Linux;

/// <content>Writing: merged packets where the device takes them, single ones elsewhere.</content>
public sealed partial class TunDevice
{
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(Coalescer.MostPieces, pinned: true);
    private readonly Action<string> _degraded;
    private bool _mergesTcp;
    private bool _mergesUdp;
    private readonly List<(PacketBatch Batch, Coalescer Coalescer)> _coalescers = [];

    public int Write(PacketBatch packets)
    {
        ArgumentNullException.ThrowIfNull(packets);
        int refused = _mergesTcp || _mergesUdp ? WriteMerged(packets) : WriteSingle(packets);

        // The kernel knew the buffer by its address only.
        GC.KeepAlive(packets);
        return refused;
    }

    private int WriteSingle(PacketBatch packets)
    {
        int refused = 0;
        for (int i = 0; i < packets.Count; i++)
        {
            ReadOnlySpan<byte> packet = WithHeader(packets, packets[i].Offset, packets[i].Length);

            // Malformed for the kernel (EINVAL), device down (EIO), no memory (ENOBUFS), gone (EBADFD): one lost packet,
            // as on any link. A device that is gone shows in Read.
            if (Libc.write(_tun, in MemoryMarshal.GetReference(packet), (nuint)packet.Length) < 0)
            {
                packets[i].IsRefused = true;
                refused++;
            }
        }

        return refused;
    }

    private ReadOnlySpan<byte> WithHeader(PacketBatch packets, int offset, int length)
    {
        Span<byte> octets = packets.Buffer.AsSpan(offset - _offloads.HeaderSize, _offloads.HeaderSize + length);
        octets[.._offloads.HeaderSize].Clear();
        return octets;
    }

    private int WriteMerged(PacketBatch packets)
    {
        Coalescer coalescer = CoalescerOf(packets);
        for (int i = 0; i < packets.Count; i++)
        {
            coalescer.Add(new Piece(packets[i].Offset, packets[i].Length));
        }

        coalescer.Flush();
        int refused = 0;
        foreach (ref readonly CoalescedPacket packet in coalescer.Packets)
        {
            ReadOnlySpan<Piece> pieces = coalescer.Pieces(packet);
            if (TryWrite(packets, pieces))
            {
                continue;
            }

            if (pieces.Length > 1 && Libc.LastError == Errno.EINVAL)
            {
                refused += WriteSplit(packets, coalescer, packet);
                continue;
            }

            refused += pieces.Length;
            MarkRefused(packets, pieces);
        }

        coalescer.Clear();
        return refused;
    }

    /// <summary>
    /// Gives a packet that the device refused as malformed once more, in the parts it was merged of. Where it takes those, the
    /// merging was at fault, and ends.
    /// </summary>
    private int WriteSplit(PacketBatch packets, Coalescer coalescer, in CoalescedPacket packet)
    {
        bool isUdp = VirtioHeader.Read(packets.Buffer.AsSpan(coalescer.Pieces(packet)[0].Offset)).SegmentationType == VirtioHeader.Udp;
        coalescer.Split(packet);
        ReadOnlySpan<Piece> pieces = coalescer.Pieces(packet);
        int refused = 0;
        for (int i = 0; i < pieces.Length; i++)
        {
            ReadOnlySpan<Piece> piece = pieces.Slice(i, 1);
            if (!TryWrite(packets, piece))
            {
                refused++;
                MarkRefused(packets, piece);
            }
        }

        if (refused < pieces.Length)
        {
            EndMerging(isUdp);
        }

        return refused;
    }

    /// <summary>Merges no more UDP, or nothing any more, from the next batch on: what is merged of this one may still be written.</summary>
    private void EndMerging(bool isUdp)
    {
        bool isOver = isUdp ? !_mergesUdp : !_mergesTcp;
        if (isOver)
        {
            return;
        }

        _mergesUdp = false;
        _mergesTcp &= isUdp;
        _coalescers.Clear();
        _degraded($"merging {(isUdp ? "UDP packets" : "packets")} for device {Name} is off: the kernel refuses them merged (EINVAL); "
            + "they go one by one");
    }

    /// <summary>There are few batches, which stay; another one costs an allocation.</summary>
    private Coalescer CoalescerOf(PacketBatch packets)
    {
        foreach ((PacketBatch batch, Coalescer coalescer) in _coalescers)
        {
            if (batch == packets)
            {
                return coalescer;
            }
        }

        var added = new Coalescer(packets.Buffer, packets.Capacity, _mergesUdp);
        _coalescers.Add((packets, added));
        return added;
    }

    private bool TryWrite(PacketBatch packets, ReadOnlySpan<Piece> pieces)
    {
        for (int i = 0; i < pieces.Length; i++)
        {
            Debug.Assert(pieces[i].Offset >= 0 && pieces[i].End <= packets.Buffer.Length, "A piece reaches beyond its batch.");

            // SAFETY: the batch pins its buffer, the piece lies in it, and the caller keeps the batch during the call.
            _vectors[i] = new IoVector
            {
                Start = Marshal.UnsafeAddrOfPinnedArrayElement(packets.Buffer, pieces[i].Offset),
                Length = (nuint)pieces[i].Length,
            };
        }

        return Libc.writev(_tun, in _vectors[0], pieces.Length) >= 0;
    }

    private static void MarkRefused(PacketBatch packets, ReadOnlySpan<Piece> pieces)
    {
        foreach (Piece piece in pieces)
        {
            for (int i = 0; i < packets.Count; i++)
            {
                // The first piece begins before its packet and the others within; each ends with it.
                if (packets[i].Offset + packets[i].Length == piece.End)
                {
                    packets[i].IsRefused = true;
                }
            }
        }
    }
}
