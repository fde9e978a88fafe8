using NatT.Tunnel.Segmentation;
using NatT.Tunnel.Tests.Segmentation.Lab;

namespace NatT.Tunnel.Tests.Segmentation;

/// <summary>Each rule by which packets are merged, or not.</summary>
public sealed class CoalescerTests
{
    private static readonly PacketShape Tcp = new() { Payload = PacketShape.RandomPayload(new Random(1), 100), Identification = 9 };
    private static readonly PacketShape Udp = Tcp with { IsUdp = true };

    /// <summary>What may not differ between packets that are merged, and what may be in none of them.</summary>
    private static readonly Dictionary<string, Func<PacketShape, PacketShape>> Obstacles = new()
    {
        ["congestion marked"] = packet => packet with { TrafficClass = 3 },
        ["other DSCP"] = packet => packet with { TrafficClass = 4 },
        ["other time to live"] = packet => packet with { TimeToLive = 63 },
        ["other flow label"] = packet => packet with { IsIPv6 = true, FlowLabel = 1 },
        ["other DF"] = packet => packet with { Fragment = 0 },
        ["first fragment"] = packet => packet with { Fragment = 0x2000 },
        ["reserved flag"] = packet => packet with { Fragment = 0xC000 },
        ["IPv4 options"] = packet => packet with { Options = [1, 1, 1, 0] },
        ["IPv6 extension header"] = packet => packet with { IsIPv6 = true, DestinationOptions = 1 },
        ["identification that skips"] = packet => packet with { Identification = (ushort)(packet.Identification + 5) },
        ["gap"] = packet => packet with { Sequence = packet.Sequence + 1 },
        ["overlap"] = packet => packet with { Sequence = packet.Sequence - 1 },
        ["other acknowledgement"] = packet => packet with { Acknowledgement = 78 },
        ["other window"] = packet => packet with { Window = 502 },
        ["urgent pointer"] = packet => packet with { UrgentPointer = 1 },
        ["other TCP options"] = packet => packet with { TcpOptions = PacketShape.Timestamps(1) },
        ["FIN"] = packet => packet with { Flags = PacketShape.Ack | PacketShape.Fin },
        ["SYN"] = packet => packet with { Flags = PacketShape.Syn },
        ["RST"] = packet => packet with { Flags = PacketShape.Ack | PacketShape.Rst },
        ["URG"] = packet => packet with { Flags = PacketShape.Ack | PacketShape.Urg },
        ["ECE"] = packet => packet with { Flags = PacketShape.Ack | PacketShape.Ece },
        ["CWR"] = packet => packet with { Flags = PacketShape.Ack | PacketShape.Cwr },
        ["no ACK"] = packet => packet with { Flags = 0 },
        ["longer"] = packet => packet with { Payload = new byte[101] },
        ["no payload"] = packet => packet with { Payload = [] },
    };

    private static readonly string[] OfTcpOnly =
    [
        "gap", "overlap", "other acknowledgement", "other window", "urgent pointer", "other TCP options", "FIN", "SYN", "RST", "URG", "ECE",
        "CWR", "no ACK", "longer",
    ];

    public static TheoryData<string> TcpObstacles => [.. Obstacles.Keys];

    public static TheoryData<string> UdpObstacles => [.. Obstacles.Keys.Except(OfTcpOnly)];

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Packets_that_go_on_in_one_another_become_one(bool isIPv6, bool isUdp)
    {
        PacketShape whole = Tcp with { IsIPv6 = isIPv6, IsUdp = isUdp, Payload = PacketShape.RandomPayload(new Random(2), 250) };

        List<(VirtioHeader Header, byte[] Packet)> writes = Merge(whole.Segments(100));

        (VirtioHeader header, byte[] packet) = Assert.Single(writes);
        Assert.Equal(whole.Virtio(100), header);
        Assert.Equal(whole.Super(), packet);
    }

    [Theory]
    [MemberData(nameof(TcpObstacles))]
    public void A_segment_that_differs_goes_on_its_own(string obstacle) => AssertApart(Tcp, Obstacles[obstacle]);

    [Theory]
    [MemberData(nameof(UdpObstacles))]
    public void A_datagram_that_differs_goes_on_its_own(string obstacle) => AssertApart(Udp, Obstacles[obstacle]);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_wrong_transport_checksum_is_neither_merged_nor_mended(bool isIPv6, bool isUdp)
    {
        List<byte[]> packets = Wholes((Tcp with { IsIPv6 = isIPv6, IsUdp = isUdp, Payload = new byte[400] }).Segments(100));
        packets[2][^1] ^= 1;

        List<(VirtioHeader Header, byte[] Packet)> writes = Merger.Merge(packets);

        Assert.Equal(3, writes.Count);
        Assert.Equal(default, writes[1].Header);
        Assert.Equal(packets[2], writes[1].Packet);
    }

    [Fact]
    public void A_wrong_ip_header_checksum_is_neither_merged_nor_mended()
    {
        List<byte[]> packets = Wholes((Tcp with { Payload = new byte[300] }).Segments(100));
        packets[0][10] ^= 1;

        List<(VirtioHeader Header, byte[] Packet)> writes = Merger.Merge(packets);

        Assert.Equal(2, writes.Count);
        Assert.Equal(packets[0], writes[0].Packet);
    }

    [Fact]
    public void A_datagram_without_checksum_goes_as_it_came()
    {
        List<byte[]> packets = Wholes((Udp with { Payload = new byte[300] }).Segments(100));
        packets.ForEach(packet => packet.AsSpan(26, 2).Clear());

        AssertUntouched(packets, Merger.Merge(packets));
    }

    [Fact]
    public void A_datagram_whose_length_leaves_octets_over_goes_as_it_came()
    {
        List<byte[]> packets = Wholes((Udp with { Payload = new byte[300] }).Segments(100));
        packets.ForEach(packet => packet[25]--);

        AssertUntouched(packets, Merger.Merge(packets));
    }

    [Fact]
    public void Datagrams_are_left_alone_where_the_device_does_not_take_them()
    {
        List<byte[]> packets = Wholes((Udp with { Payload = new byte[300] }).Segments(100));

        AssertUntouched(packets, Merger.Merge(packets, mergesUdp: false));
    }

    [Fact]
    public void A_push_ends_what_it_is_merged_into()
    {
        List<PacketShape> segments = (Tcp with { Payload = new byte[400] }).Segments(100);
        segments[1] = segments[1] with { Flags = PacketShape.Ack | PacketShape.Psh };

        List<(VirtioHeader Header, byte[] Packet)> writes = Merge(segments);

        Assert.Equal([240, 240], writes.Select(write => write.Packet.Length));
        Assert.Equal(PacketShape.Ack | PacketShape.Psh, writes[0].Packet[33]);
        Assert.Equal(PacketShape.Ack, writes[1].Packet[33]);
    }

    [Fact]
    public void A_short_segment_ends_what_it_is_merged_into()
    {
        List<PacketShape> segments = [.. (Tcp with { Payload = new byte[150] }).Segments(100)];
        segments.Add(Tcp with { Sequence = 151, Identification = 11, Payload = new byte[50] });

        Assert.Equal([190, 90], Merge(segments).Select(write => write.Packet.Length));
    }

    [Fact]
    public void A_longer_datagram_starts_anew()
    {
        List<PacketShape> datagrams = (Udp with { Payload = new byte[300] }).Segments(100);
        datagrams[1] = datagrams[1] with { Payload = new byte[101] };

        Assert.Equal([128, 229], Merge(datagrams).Select(write => write.Packet.Length));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_write_is_larger_than_an_ip_packet_can_be(bool isIPv6)
    {
        PacketShape first = Tcp with { IsIPv6 = isIPv6, Payload = new byte[60000] };
        PacketShape second = first with { Sequence = 60001, Identification = 52 };
        List<PacketShape> segments = [.. first.Segments(1400), .. second.Segments(1400)];

        List<(VirtioHeader Header, byte[] Packet)> writes = Merge(segments);

        Assert.All(writes, write => Assert.InRange(write.Packet.Length, 1, 65535));
        Assert.Equal(120000, writes.Sum(write => write.Packet.Length - first.HeaderLength));
        Assert.InRange(writes.Count, 2, 4);
    }

    [Theory]
    [InlineData(false, 128)]
    [InlineData(true, 64)]
    public void No_write_has_more_segments_than_kernels_take(bool isUdp, int most)
    {
        PacketShape whole = Tcp with { IsUdp = isUdp, Payload = new byte[(most + 1) * 100] };

        IEnumerable<int> payloads = Merge(whole.Segments(100)).Select(write => write.Packet.Length - whole.HeaderLength);
        Assert.Equal([most * 100, 100], payloads);
    }

    [Fact]
    public void An_identification_that_never_changes_is_merged_where_it_means_nothing()
    {
        List<PacketShape> segments = (Tcp with { Payload = new byte[300] }).Segments(100);

        Assert.Single(Merge([.. segments.Select(segment => segment with { Identification = 0 })]));
    }

    [Fact]
    public void An_identification_that_never_changes_is_not_merged_where_packets_may_be_fragmented()
    {
        List<PacketShape> segments = (Tcp with { Fragment = 0, Payload = new byte[300] }).Segments(100);

        Assert.Single(Merge(segments));
        Assert.Equal(3, Merge([.. segments.Select(segment => segment with { Identification = 0 })]).Count);
    }

    [Fact]
    public void An_identification_that_stops_counting_ends_the_merging()
    {
        List<PacketShape> segments = (Tcp with { Payload = new byte[300] }).Segments(100);
        segments[2] = segments[2] with { Identification = segments[1].Identification };

        Assert.Equal(2, Merge(segments).Count);
    }

    [Fact]
    public void Interleaved_flows_are_merged_each_for_itself()
    {
        List<PacketShape> segments = [.. Interleaved(Coalescer.FlowSlots, perFlow: 5)];

        List<(VirtioHeader Header, byte[] Packet)> writes = Merge(segments);

        Assert.Equal(Enumerable.Repeat(540, Coalescer.FlowSlots), writes.Select(write => write.Packet.Length));
    }

    [Fact]
    public void A_flow_too_many_ends_another_and_loses_nothing()
    {
        List<PacketShape> segments = [.. Interleaved(Coalescer.FlowSlots + 1, perFlow: 5)];

        Assert.Equal(segments.Count * 100, Merge(segments).Sum(write => write.Packet.Length - 40));
    }

    [Fact]
    public void A_later_fragment_does_not_overtake_the_flow_it_may_belong_to()
    {
        PacketShape fragment = Tcp with { Fragment = 0x00B9, SourcePort = 1 };
        List<PacketShape> packets = [.. (Tcp with { Payload = new byte[200] }).Segments(100), fragment];

        Assert.Equal([240, 140], Merge(packets).Select(write => write.Packet.Length));
    }

    [Fact]
    public void A_packet_of_another_flow_does_not_end_the_merging()
    {
        List<PacketShape> packets = (Tcp with { Payload = new byte[300] }).Segments(100);
        packets.Insert(1, Tcp with { SourcePort = 1, Payload = [] });
        packets.Insert(2, Tcp with { Host = 9, Fragment = 0x00B9 });
        packets.Insert(3, Tcp with { IsUdp = true, Payload = [] });

        Assert.Equal([40, 140, 28, 340], Merge(packets).Select(write => write.Packet.Length));
    }

    [Fact]
    public void Octets_that_are_no_packet_go_as_they_came()
    {
        List<byte[]> packets = [[0], [0x45, 0, 0], [.. Tcp.Whole(), 0], new byte[60]];

        AssertUntouched(packets, Merger.Merge(packets));
    }

    [Fact]
    public void A_cleared_coalescer_starts_over()
    {
        byte[] packet = Tcp.Whole();
        byte[] buffer = [.. new byte[VirtioHeader.Size], .. packet];
        var coalescer = new Coalescer(buffer, capacity: 1, mergesUdp: true);
        for (int batch = 0; batch < 3; batch++)
        {
            coalescer.Clear();
            coalescer.Add(new Piece(VirtioHeader.Size, packet.Length));
            coalescer.Flush();

            Assert.Equal(packet, Assert.Single(Merger.Written(buffer, coalescer)).Packet);
        }
    }

    private static void AssertApart(PacketShape kind, Func<PacketShape, PacketShape> obstacle)
    {
        // A flow of three, the second of which differs.
        bool isIPv6 = obstacle(kind).IsIPv6;
        List<PacketShape> packets = (kind with { IsIPv6 = isIPv6, Payload = new byte[300] }).Segments(100);
        Assert.Single(Merge(packets));
        packets[1] = obstacle(packets[1]);

        List<(VirtioHeader Header, byte[] Packet)> writes = Merge(packets);

        AssertUntouched(Wholes(packets), writes);
    }

    private static void AssertUntouched(List<byte[]> packets, List<(VirtioHeader Header, byte[] Packet)> writes)
    {
        Assert.All(writes, write => Assert.Equal(default, write.Header));
        Assert.Equal(packets.Select(Convert.ToHexString), writes.Select(write => Convert.ToHexString(write.Packet)));
    }

    private static List<(VirtioHeader Header, byte[] Packet)> Merge(List<PacketShape> packets) => Merger.Merge(Wholes(packets));

    private static List<byte[]> Wholes(List<PacketShape> packets) => [.. packets.Select(packet => packet.Whole())];

    private static IEnumerable<PacketShape> Interleaved(int flows, int perFlow) =>
        from i in Enumerable.Range(0, perFlow)
        from flow in Enumerable.Range(0, flows)
        select (Tcp with { SourcePort = (ushort)flow, Payload = new byte[perFlow * 100] }).Segments(100)[i];
}
