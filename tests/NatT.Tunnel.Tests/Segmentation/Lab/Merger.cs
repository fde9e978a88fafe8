using NatT.Tunnel.Segmentation;

namespace NatT.Tunnel.Tests.Segmentation.Lab;

/// <summary>A receive buffer full of packets, and what a TUN device would be given of it.</summary>
internal static class Merger
{
    private const int Overhead = 41;

    /// <summary>One batch through a coalescer: the writes, in order.</summary>
    public static List<(VirtioHeader Header, byte[] Packet)> Merge(IReadOnlyList<byte[]> packets, bool mergesUdp = true)
    {
        (byte[] buffer, Coalescer coalescer) = Flushed(packets, mergesUdp);
        return Written(buffer, coalescer);
    }

    /// <summary>The same, but each merged packet split up again.</summary>
    public static List<(VirtioHeader Header, byte[] Packet)> MergeAndSplit(IReadOnlyList<byte[]> packets)
    {
        (byte[] buffer, Coalescer coalescer) = Flushed(packets, mergesUdp: true);
        var writes = new List<(VirtioHeader, byte[])>();
        foreach (CoalescedPacket packet in coalescer.Packets)
        {
            if (packet.PieceCount > 1)
            {
                coalescer.Split(packet);
            }

            foreach (Piece piece in coalescer.Pieces(packet))
            {
                ReadOnlySpan<byte> octets = buffer.AsSpan(piece.Offset, piece.Length);
                writes.Add((VirtioHeader.Read(octets), octets[VirtioHeader.Size..].ToArray()));
            }
        }

        return writes;
    }

    private static (byte[] Buffer, Coalescer Coalescer) Flushed(IReadOnlyList<byte[]> packets, bool mergesUdp)
    {
        byte[] buffer = new byte[packets.Sum(packet => packet.Length + Overhead)];
        var coalescer = new Coalescer(buffer, Math.Max(1, packets.Count), mergesUdp);
        int offset = 0;
        foreach (byte[] packet in packets)
        {
            packet.CopyTo(buffer, offset + VirtioHeader.Size);
            coalescer.Add(new Piece(offset + VirtioHeader.Size, packet.Length));
            offset += packet.Length + Overhead;
        }

        coalescer.Flush();
        return (buffer, coalescer);
    }

    public static List<(VirtioHeader Header, byte[] Packet)> Written(byte[] buffer, Coalescer coalescer)
    {
        var writes = new List<(VirtioHeader, byte[])>();
        foreach (CoalescedPacket write in coalescer.Packets)
        {
            var octets = new List<byte>();
            foreach (Piece piece in coalescer.Pieces(write))
            {
                octets.AddRange(buffer[piece.Offset..piece.End]);
            }

            Assert.Equal(write.Length, octets.Count);
            byte[] all = [.. octets];
            writes.Add((VirtioHeader.Read(all), all[VirtioHeader.Size..]));
        }

        return writes;
    }
}
