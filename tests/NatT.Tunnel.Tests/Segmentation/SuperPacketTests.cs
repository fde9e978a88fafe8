using System.Buffers.Binary;
using NatT.Tunnel.Segmentation;
using NatT.Tunnel.Tests.Segmentation.Lab;

namespace NatT.Tunnel.Tests.Segmentation;

/// <summary>Each rule by which a super-packet becomes segments.</summary>
public sealed class SuperPacketTests
{
    private static readonly byte[] RouterAlert = [0x94, 4, 0, 0];

    public static TheoryData<string> Kinds =>
        ["tcp4", "tcp6", "udp4", "udp6", "tcp4 options", "udp4 options", "tcp6 extension", "udp6 extension"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Segments_are_the_packets_the_super_packet_stands_for(string kind)
    {
        PacketShape shape = Shape(kind, 5000);

        AssertSegments(shape, 1400);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Payload_that_divides_evenly_leaves_no_empty_segment(string kind)
    {
        PacketShape shape = Shape(kind, 4200);

        Assert.Equal(3, AssertSegments(shape, 1400).Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Segments_smaller_than_their_headers_do_not_damage_one_another(string kind)
    {
        PacketShape shape = Shape(kind, 300);

        for (int size = 1; size < 130; size++)
        {
            AssertSegments(shape, size);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_single_segment_gets_its_checksum(string kind) => AssertSegments(Shape(kind, 100), 100);

    [Theory]
    [InlineData(PacketShape.Ack | PacketShape.Psh | PacketShape.Fin)]
    [InlineData(PacketShape.Ack | PacketShape.Cwr)]
    [InlineData(PacketShape.Ack | PacketShape.Cwr | PacketShape.Ece | PacketShape.Psh)]
    public void Fin_and_psh_end_up_on_the_last_segment_and_cwr_on_the_first(int flags)
    {
        List<byte[]> segments = AssertSegments(Shape("tcp4", 4000) with { Flags = (byte)flags }, 1000);

        int all = flags & (PacketShape.Ack | PacketShape.Ece);
        int first = all | (flags & PacketShape.Cwr);
        int last = flags & ~PacketShape.Cwr;
        Assert.Equal([first, all, all, last], segments.Select(segment => (int)segment[33]));
    }

    [Fact]
    public void Numbers_wrap_around()
    {
        PacketShape shape = Shape("tcp4", 3000) with { Sequence = uint.MaxValue - 500, Identification = ushort.MaxValue };

        AssertSegments(shape, 1000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(ushort.MaxValue)]
    public void Stated_header_length_is_ignored(int headerLength)
    {
        PacketShape shape = Shape("tcp6", 3000);

        List<byte[]>? segments = Cutter.Place(shape.Super(), shape.Virtio(1000) with { HeaderLength = (ushort)headerLength });

        AssertEqual(shape.Segments(1000), segments);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_super_packet_whose_checksum_is_complete_is_cut_all_the_same(string kind)
    {
        PacketShape shape = Shape(kind, 3000);

        List<byte[]>? segments = Cutter.Place(shape.Whole(), shape.Virtio(1000) with { Flags = 0, ChecksumStart = 0, ChecksumOffset = 0 });

        AssertEqual(shape.Segments(1000), segments);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_ordinary_packet_gets_its_checksum(string kind)
    {
        PacketShape shape = Shape(kind, 501);

        List<byte[]>? segments = Cutter.Place(shape.Super(), shape.Virtio(0) with { SegmentationType = VirtioHeader.None });

        AssertEqual([shape], segments);
    }

    [Fact]
    public void An_ordinary_packet_with_its_checksum_stays_as_it_is()
    {
        PacketShape shape = Shape("tcp4", 501);

        List<byte[]>? segments = Cutter.Place(shape.Whole(), default);

        AssertEqual([shape], segments);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_udp_checksum_that_comes_out_as_zero_is_sent_as_its_other_form(bool isSegmented)
    {
        PacketShape shape = Shape("udp4", 10);
        byte[] payload = [.. shape.Payload];
        ushort sum = BinaryPrimitives.ReadUInt16BigEndian((shape with { Payload = [.. payload[..8], 0, 0] }).Whole().AsSpan(26));
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(8), sum);
        shape = shape with { Payload = payload };
        VirtioHeader header = isSegmented ? shape.Virtio(10) : shape.Virtio(0) with { SegmentationType = VirtioHeader.None };

        byte[] segment = Cutter.Place(shape.Super(), header)![0];

        Assert.Equal(0xFFFF, BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(26)));
        Assert.Equal(shape.Whole(), segment);
    }

    [Fact]
    public void Octets_behind_the_packet_are_left_out()
    {
        PacketShape shape = Shape("udp6", 3000);

        List<byte[]>? segments = Cutter.Place([.. shape.Super(), 1, 2, 3], shape.Virtio(1000));

        AssertEqual(shape.Segments(1000), segments);
    }

    [Fact]
    public void The_whole_shows_its_addresses_before_it_is_cut()
    {
        PacketShape shape = Shape("tcp4", 3000);

        Assert.True(SuperPacket.TryRead(shape.Super(), shape.Virtio(1000), out SuperPacket packet));

        Assert.Equal("10.0.1.2", packet.Inner.Destination.ToString());
        Assert.Equal(3, packet.Count);
        Assert.Equal(1052, packet.LongestLength);
    }

    private static PacketShape Shape(string kind, int payload)
    {
        bool isUdp = kind.StartsWith("udp", StringComparison.Ordinal);
        return new PacketShape
        {
            IsIPv6 = kind[3] == '6',
            IsUdp = isUdp,
            Options = kind.EndsWith("options", StringComparison.Ordinal) ? RouterAlert : [],
            DestinationOptions = kind.EndsWith("extension", StringComparison.Ordinal) ? 2 : 0,
            TrafficClass = 0x2A,
            FlowLabel = 0x12345,
            Identification = 7,
            TcpOptions = isUdp ? [] : PacketShape.Timestamps(5),
            Flags = PacketShape.Ack | PacketShape.Psh,
            Payload = PacketShape.RandomPayload(new Random(3), payload),
        };
    }

    private static List<byte[]> AssertSegments(PacketShape shape, int segmentSize)
    {
        List<byte[]>? placed = Cutter.Place(shape.Super(), shape.Virtio(segmentSize));
        AssertEqual(shape.Segments(segmentSize), placed);
        AssertEqual(shape.Segments(segmentSize), Cutter.Copy(shape.Super(), shape.Virtio(segmentSize)));
        return placed!;
    }

    private static void AssertEqual(List<PacketShape> expected, List<byte[]>? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Select(shape => Convert.ToHexString(shape.Whole())), actual.Select(Convert.ToHexString));
    }
}
