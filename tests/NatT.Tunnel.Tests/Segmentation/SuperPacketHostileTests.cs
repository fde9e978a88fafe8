using NatT.Tunnel.Segmentation;
using NatT.Tunnel.Tests.Segmentation.Lab;

namespace NatT.Tunnel.Tests.Segmentation;

/// <summary>Headers that contradict their packet.</summary>
public sealed class SuperPacketHostileTests
{
    private static readonly PacketShape Tcp = new() { Payload = new byte[3000] };
    private static readonly PacketShape Udp = Tcp with { IsUdp = true };

    [Fact]
    public void Segments_of_nothing_are_refused() => AssertRefused(Tcp.Super(), Tcp.Virtio(0));

    [Theory]
    [InlineData(2)]
    [InlineData(3)] // UFO
    [InlineData(6)]
    [InlineData(VirtioHeader.TcpIPv6)]
    [InlineData(VirtioHeader.Udp)]
    [InlineData(VirtioHeader.HasEcn)]
    [InlineData(VirtioHeader.HasEcn | VirtioHeader.Udp)]
    [InlineData(0x40 | VirtioHeader.TcpIPv4)]
    public void A_type_that_is_not_the_packets_is_refused(int type) =>
        AssertRefused(Tcp.Super(), Tcp.Virtio(1000) with { SegmentationType = (byte)type });

    [Fact]
    public void A_tcp_type_on_a_datagram_is_refused() =>
        AssertRefused(Udp.Super(), Udp.Virtio(1000) with { SegmentationType = VirtioHeader.TcpIPv4 });

    [Theory]
    [InlineData(0)]
    [InlineData(19)]
    [InlineData(24)]
    [InlineData(ushort.MaxValue)]
    public void A_checksum_that_starts_elsewhere_than_the_transport_header_is_refused(int start) =>
        AssertRefused(Tcp.Super(), Tcp.Virtio(1000) with { ChecksumStart = (ushort)start });

    [Theory]
    [InlineData(6)]
    [InlineData(15)]
    [InlineData(ushort.MaxValue)]
    public void A_checksum_that_goes_elsewhere_is_refused(int offset) =>
        AssertRefused(Tcp.Super(), Tcp.Virtio(1000) with { ChecksumOffset = (ushort)offset });

    [Theory]
    [InlineData(0x2000)]
    [InlineData(0x00B9)]
    public void A_fragment_is_not_cut(int fragment)
    {
        PacketShape shape = Tcp with { Fragment = (ushort)fragment };

        AssertRefused(shape.Super(), shape.Virtio(1000));
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x40)]
    [InlineData(0xF0)]
    public void A_tcp_header_that_is_too_short_or_longer_than_the_packet_is_refused(int dataOffset)
    {
        PacketShape shape = Tcp with { Payload = new byte[30] };
        byte[] packet = shape.Super();
        packet[32] = (byte)dataOffset;

        AssertRefused(packet, shape.Virtio(10));
    }

    [Fact]
    public void Headers_without_payload_are_refused()
    {
        AssertRefused((Tcp with { Payload = [] }).Super(), Tcp.Virtio(1000));
        AssertRefused((Udp with { Payload = [] }).Super(), Udp.Virtio(1000));
    }

    [Fact]
    public void An_ip_length_beyond_the_packet_is_refused() => AssertRefused(Tcp.Super()[..^1], Tcp.Virtio(1000));

    [Fact]
    public void An_extension_header_beyond_the_packet_is_refused()
    {
        PacketShape shape = Tcp with { IsIPv6 = true, DestinationOptions = 1 };
        byte[] packet = shape.Super();
        packet[41] = 255;
        packet = packet[..2000];
        packet[4] = (byte)((packet.Length - 40) >> 8);
        packet[5] = unchecked((byte)(packet.Length - 40));

        AssertRefused(packet, shape.Virtio(1000));
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(19, 16)]
    [InlineData(20, 3019)]
    [InlineData(3038, 1)]
    [InlineData(ushort.MaxValue, ushort.MaxValue)]
    public void An_ordinary_packets_checksum_outside_its_payload_is_refused(int start, int offset) =>
        AssertRefused(Tcp.Super(), new VirtioHeader(VirtioHeader.NeedsChecksum, VirtioHeader.None, 0, 0, (ushort)start, (ushort)offset));

    [Fact]
    public void No_header_and_no_packet_reaches_beyond_its_bounds()
    {
        var random = new Random(20);
        int cut = 0;
        for (int i = 0; i < 30000; i++)
        {
            (byte[] packet, VirtioHeader header) = Hostile(random);

            List<byte[]>? placed = Cutter.Place(packet, header);
            List<byte[]>? copied = Cutter.Copy(packet, header);

            Assert.Equal(copied is null, placed is null);
            if (placed is not null)
            {
                Assert.Equal(copied!.Select(Convert.ToHexString), placed.Select(Convert.ToHexString));
                Assert.InRange(placed.Count, 1, packet.Length);
                Assert.All(placed, segment => Assert.InRange(segment.Length, 1, packet.Length));
                cut += placed.Count > 1 ? 1 : 0;
            }
        }

        // Else the above proves little.
        Assert.InRange(cut, 1000, 25000);
    }

    private static void AssertRefused(byte[] packet, VirtioHeader header)
    {
        Assert.Null(Cutter.Place(packet, header));
        Assert.Null(Cutter.Copy(packet, header));
    }

    /// <summary>Noise, or a good packet and header of which some octets are noise.</summary>
    private static (byte[] Packet, VirtioHeader Header) Hostile(Random random)
    {
        byte[] header = new byte[VirtioHeader.Size];
        if (random.Next(4) == 0)
        {
            byte[] noise = PacketShape.RandomPayload(random, random.Next(200));
            random.NextBytes(header);
            if (noise.Length > 0)
            {
                noise[0] = random.Next(2) == 0 ? (byte)0x45 : (byte)0x60;
            }

            return (noise, VirtioHeader.Read(header));
        }

        PacketShape shape = Shapes.Header(random, isUdp: random.Next(2) == 0) with
        {
            Payload = PacketShape.RandomPayload(random, random.Next(1, 400)),
        };
        byte[] packet = shape.Super();
        shape.Virtio(random.Next(1, 400)).WriteTo(header);
        Damage(random, header, random.Next(3));
        Damage(random, packet.AsSpan(0, shape.HeaderLength), random.Next(4));
        return (packet[..(packet.Length - (random.Next(4) == 0 ? random.Next(packet.Length) : 0))], VirtioHeader.Read(header));
    }

    private static void Damage(Random random, Span<byte> octets, int count)
    {
        for (int i = 0; i < count; i++)
        {
            octets[random.Next(octets.Length)] = (byte)random.Next(256);
        }
    }
}
