using System.Buffers.Binary;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Esp.Wire;
using NatT.Fuzz.Engine;
using NatT.Tunnel.Segmentation;
using NatT.Tunnel.Tests.Segmentation.Lab;

namespace NatT.Fuzz.Targets;

/// <summary>
/// A virtio header and a packet behind it, as the device gives them: refused, or cut into segments that together are the
/// packet, and that become it again when they are merged.
/// </summary>
/// <remarks>
/// An input is an octet of repairs (1: lengths and header checksum, 2: sum of the pseudo-header), the virtio header, and the packet.
/// </remarks>
public sealed class Segmentation : IFuzzTarget
{
    private const int RepairsHeader = 1;
    private const int RepairsSum = 2;

    public string Name => "segmentation";

    public int LongestInput => 4096;

    public IEnumerable<byte[]> Seeds
    {
        get
        {
            var random = new Random(1);
            for (int i = 0; i < 16; i++)
            {
                PacketShape shape = Shapes.Header(random, isUdp: i % 3 == 0) with
                {
                    Payload = PacketShape.RandomPayload(random, random.Next(1, 1500)),
                    Options = i % 5 == 4 ? [1, 1, 1, 0] : [],
                    DestinationOptions = i % 4 == 3 ? 1 : 0,
                };
                byte[] header = new byte[VirtioHeader.Size];
                (i % 7 == 6 ? default : shape.Virtio(random.Next(1, 700))).WriteTo(header);
                yield return [(byte)(i % 4), .. header, .. i % 7 == 6 ? shape.Whole() : shape.Super()];
            }
        }
    }

    public IReadOnlyList<byte[]> Words { get; } =
    [
        [0, 0], [1, 0], [8, 0], [0xFF, 0xFF], [1, VirtioHeader.TcpIPv4], [1, VirtioHeader.TcpIPv6], [1, VirtioHeader.Udp], [1, 0x81],
        [20, 0, 16, 0], [40, 0, 16, 0], [40, 0, 6, 0], [20, 0, 6, 0], [0x50, 0x10], [0x50, 0x99], [0xF0, 0x10], [17, 0, 0, 0], [43, 0, 1, 4],
    ];

    public long MostAllocated(int inputLength) => 256 << 20;

    public void Run(ReadOnlySpan<byte> input, Features features)
    {
        ArgumentNullException.ThrowIfNull(features);
        var choices = new Choices(input);
        int repairs = choices.Octet();
        byte[] header = new byte[VirtioHeader.Size];
        choices.Octets(VirtioHeader.Size).CopyTo(header);
        VirtioHeader virtio = VirtioHeader.Read(header);
        byte[] packet = choices.Rest.ToArray();
        if ((repairs & RepairsHeader) != 0)
        {
            PlainPacket.Repair(packet);
        }

        bool isSumRight = (repairs & RepairsSum) != 0 && TryRepairSum(packet, virtio);
        List<byte[]>? copied = Cutter.Copy(packet, virtio);
        List<byte[]>? placed = Cutter.Place(packet, virtio);
        Require.AreEqual(copied is null, placed is null);
        features.Add("header", virtio.SegmentationType, (virtio.Flags & 1) + (copied is null ? 0 : 2));
        if (copied is null || placed is null)
        {
            return;
        }

        Require.AreEqual(copied.Count, placed.Count);
        for (int i = 0; i < copied.Count; i++)
        {
            Require.AreEqual(copied[i], placed[i]);
        }

        CheckWithoutHeader(packet, virtio, copied);
        int length = PlainPacket.Length(packet) ?? throw new PropertyException("what is no packet was accepted");
        if (virtio.SegmentationType == VirtioHeader.None)
        {
            CheckOrdinary(packet.AsSpan(0, length), virtio, copied, features);
        }
        else
        {
            CheckSegments(packet.AsSpan(0, length), virtio, copied, isSumRight, features);
        }
    }

    /// <summary>As the kernel fills it in: the sum of addresses, protocol and length.</summary>
    private static bool TryRepairSum(byte[] packet, VirtioHeader virtio)
    {
        if (PlainPacket.Length(packet) is not int length || (virtio.Flags & VirtioHeader.NeedsChecksum) == 0)
        {
            return false;
        }

        Span<byte> whole = packet.AsSpan(0, length);
        bool isUdp = virtio.SegmentationType == VirtioHeader.Udp;
        int field = virtio.ChecksumStart + (isUdp ? 6 : 16);
        if (virtio.ChecksumStart >= whole.Length || field + 2 > whole.Length)
        {
            return false;
        }

        byte protocol = isUdp ? UpperLayer.ProtocolUdp : UpperLayer.ProtocolTcp;
        BinaryPrimitives.WriteUInt16BigEndian(whole[field..], PlainChecksum.Sum(PlainPacket.PseudoHeader(whole, virtio.ChecksumStart, protocol)));
        return true;
    }

    /// <summary>Transport mode leaves out the IP header, where there is nothing in it but what every header has.</summary>
    private static void CheckWithoutHeader(byte[] packet, VirtioHeader virtio, List<byte[]> segments)
    {
        byte[] buffer = [.. packet];
        Require.Holds(SuperPacket.TryRead(buffer, virtio, out SuperPacket super));
        var mode = new TransportMode(super.Inner.Source, super.Inner.Destination);
        if (mode.CheckOutbound(super.Inner) != DropReason.None)
        {
            return;
        }

        var bodies = new List<byte[]>();
        var sources = new List<Piece>();
        for (int i = 0; i < super.Count; i++)
        {
            bodies.Add(new byte[super.Length(i) - mode.HeaderSize]);
            sources.Add(super.Place(i, bodies[i], mode.HeaderSize));
        }

        for (int i = 0; i < super.Count; i++)
        {
            buffer.AsSpan(sources[i].Offset, sources[i].Length).CopyTo(bodies[i]);
            Require.AreEqual(segments[i].AsSpan(mode.HeaderSize), bodies[i].AsSpan());
        }
    }

    private static void CheckOrdinary(ReadOnlySpan<byte> packet, VirtioHeader virtio, List<byte[]> segments, Features features)
    {
        Require.AreEqual(1, segments.Count);
        byte[] expected = packet.ToArray();
        if ((virtio.Flags & VirtioHeader.NeedsChecksum) != 0)
        {
            int field = virtio.ChecksumStart + virtio.ChecksumOffset;
            segments[0].AsSpan(field, 2).CopyTo(expected.AsSpan(field));
            features.Add("completed", virtio.ChecksumOffset == 6 ? 1 : 0);
        }

        Require.AreEqual(expected, segments[0]);
    }

    private static void CheckSegments(ReadOnlySpan<byte> packet, VirtioHeader virtio, List<byte[]> segments, bool isSumRight, Features features)
    {
        Require.Holds(InnerPacket.TryRead(packet, out InnerPacket inner) && UpperLayer.TryFind(inner, out _));
        UpperLayer.TryFind(inner, out UpperLayer upper);
        bool isUdp = upper.Protocol == UpperLayer.ProtocolUdp;
        int headerLength = upper.Offset + (isUdp ? 8 : packet[upper.Offset + 12] / 16 * 4);
        bool hasGoodSums = isSumRight || (virtio.Flags & VirtioHeader.NeedsChecksum) == 0;
        byte[] payload = new byte[packet.Length - headerLength];
        int at = 0;
        foreach (byte[] segment in segments)
        {
            int own = segment.Length - headerLength;
            Require.Holds(own > 0 && own <= virtio.SegmentSize && (own == virtio.SegmentSize || at + own == payload.Length));
            Require.AreEqual(segment.Length, PlainPacket.Length(segment) ?? -1);
            Require.Holds(PlainPacket.HasGoodHeaderChecksum(segment));
            Require.Holds(!hasGoodSums || PlainPacket.HasGoodTransportChecksum(segment, upper.Offset, upper.Protocol));
            Require.Holds(isUdp || BinaryPrimitives.ReadUInt32BigEndian(segment.AsSpan(upper.Offset + 4))
                == BinaryPrimitives.ReadUInt32BigEndian(packet[(upper.Offset + 4)..]) + (uint)at);
            segment.AsSpan(headerLength).CopyTo(payload.AsSpan(at));
            at += own;
        }

        Require.AreEqual(packet[headerLength..], payload.AsSpan(0, at));
        features.Add("segments", Features.ClassOf(segments.Count), Features.ClassOf(virtio.SegmentSize));
        features.Add("offset", headerLength - upper.Offset, upper.Offset);
        MergeAgain(segments, features);
    }

    private static void MergeAgain(List<byte[]> segments, Features features)
    {
        List<(VirtioHeader Header, byte[] Packet)> writes = Merger.Merge(segments);
        int at = 0;
        foreach ((VirtioHeader header, byte[] packet) in writes)
        {
            List<byte[]> delivered = Cutter.Place(packet, header) ?? throw new PropertyException("the coalescer wrote what is refused");
            foreach (byte[] segment in delivered)
            {
                Require.AreEqual(PlainPacket.Comparable(segments[at++]), PlainPacket.Comparable(segment));
            }
        }

        Require.AreEqual(segments.Count, at);
        features.Add("writes", Features.ClassOf(writes.Count), Features.ClassOf(segments.Count));
    }
}
