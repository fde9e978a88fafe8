using System.Buffers.Binary;
using System.Net;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Associations;

/// <summary>What of a packet travels in transport mode, and what its receiver makes of that.</summary>
public sealed class TransportModeTests
{
    private const byte Tcp = 6;
    private const byte Udp = 17;

    private static readonly TransportMode IPv4 = new(IpAddress.Parse("10.2.0.1"), IpAddress.Parse("10.1.0.1"));
    private static readonly TransportMode IPv6 = new(IpAddress.Parse("fd02::1"), IpAddress.Parse("fd01::1"));

    [Theory]
    [InlineData(0x2000)]
    [InlineData(0x0001)]
    [InlineData(0x3FFF)]
    [Produces(DropReason.FragmentInTransportMode)]
    public void A_fragment_is_not_carried(int flagsAndOffset)
    {
        byte[] packet = TestPackets.IPv4("10.1.0.1", "10.2.0.1");
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)flagsAndOffset);

        Assert.Equal(DropReason.FragmentInTransportMode, Check(IPv4, packet));
        packet = TestPackets.IPv6("fd01::1", "fd02::1");
        packet[6] = 44;
        Assert.Equal(DropReason.FragmentInTransportMode, Check(IPv6, packet));
    }

    [Fact]
    public void A_whole_packet_is_carried_whether_it_may_be_fragmented_or_not()
    {
        byte[] packet = TestPackets.IPv4("10.1.0.1", "10.2.0.1");
        Assert.Equal(DropReason.None, Check(IPv4, packet));

        packet[6] = 0x40;

        Assert.Equal(DropReason.None, Check(IPv4, packet));
        Assert.Equal(DropReason.None, Check(IPv6, TestPackets.IPv6("fd01::1", "fd02::1")));
    }

    [Fact]
    [Produces(DropReason.NotForTransportMode)]
    public void A_packet_with_options_is_not_carried() =>
        Assert.Equal(DropReason.NotForTransportMode, Check(IPv4, TestPackets.IPv4("10.1.0.1", "10.2.0.1", options: 4)));

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(41)]
    [InlineData(43)]
    [InlineData(59)]
    [InlineData(60)]
    public void What_is_no_upper_layers_is_not_carried(byte protocol)
    {
        byte[] packet = TestPackets.IPv6("fd01::1", "fd02::1");
        packet[6] = protocol;

        Assert.Equal(DropReason.NotForTransportMode, Check(IPv6, packet));
        Assert.False(IPv4.Carries(protocol));
        Assert.False(IPv6.Carries(protocol));
    }

    [Fact]
    public void Every_upper_layer_is_carried_but_ICMP_of_the_other_IP_version()
    {
        byte[] others = [0, 4, 41, 43, 44, 59, 60];
        IEnumerable<byte> uppers = Enumerable.Range(0, 256).Select(protocol => (byte)protocol).Except(others);

        Assert.Equal(uppers.Except([(byte)58]), uppers.Where(IPv4.Carries));
        Assert.Equal(uppers.Except([(byte)1]), uppers.Where(IPv6.Carries));
    }

    [Theory]
    [InlineData(Tcp)]
    [InlineData(Udp)]
    [InlineData(58)]
    [InlineData(132)]
    [InlineData(4)]
    [InlineData(41)]
    [InlineData(59)]
    public void A_receiver_opens_what_its_mode_carries(byte nextHeader)
    {
        using OutboundSecurityAssociation sender = TestAssociations.Outbound();
        using var receiver = new InboundSecurityAssociation(TestAssociations.Parameters() with { Transport = IPv6 }, 64);
        receiver.SynchroniseAt(0);
        byte[] upper = [.. Enumerable.Range(0, 77).Select(i => (byte)i)];

        DropReason reason = TestAssociations.Open(receiver, TestAssociations.Seal(sender, upper, nextHeader), out byte[] body, out byte read);

        Assert.Equal(nextHeader switch { 59 => DropReason.Dummy, 4 or 41 => DropReason.UnexpectedNextHeader, _ => DropReason.None }, reason);
        Assert.Equal(nextHeader, read);
        Assert.Equal(upper, body);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1400)]
    public void A_rebuilt_packet_has_a_valid_header_between_this_ends_addresses(int length)
    {
        byte[] body = [.. Enumerable.Range(0, length).Select(i => (byte)i)];

        byte[] packet = Rebuild(IPv4, body, protocol: 132, trafficClass: 0xB9);

        Assert.Equal(TestPackets.IPv4("10.2.0.1", "10.1.0.1", length, trafficClass: 0xB9).Length, packet.Length);
        Assert.True(InnerPacket.TryRead(packet, out InnerPacket inner));
        Assert.True(inner.HasValidHeaderChecksum);
        Assert.Equal(("10.2.0.1", "10.1.0.1"), (inner.Source.ToString(), inner.Destination.ToString()));
        Assert.Equal((132, 0xB9, 64), (inner.Protocol, inner.TrafficClass, packet[8]));
        Assert.Equal(0x4000, BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(6)));
        Assert.Equal(body, inner.Payload.ToArray());
    }

    [Fact]
    public void A_rebuilt_IPv6_packet_has_the_header_of_its_body()
    {
        byte[] packet = Rebuild(IPv6, [1, 2, 3], protocol: 132, trafficClass: 0xB9);

        byte[] expected = TestPackets.IPv6("fd02::1", "fd01::1", payloadLength: 3, trafficClass: 0xB9);
        expected[6] = 132;
        Assert.Equal(expected, packet);
    }

    [Theory]
    [InlineData(Tcp, 20, 16)]
    [InlineData(Tcp, 1380, 16)]
    [InlineData(Udp, 8, 6)]
    [InlineData(Udp, 1001, 6)]
    [InlineData(58, 64, 2)]
    public void Checksums_are_those_of_the_rebuilt_addresses_whatever_they_were(byte protocol, int length, int offset)
    {
        byte[] body = Body(protocol, length);
        body[offset] = 0xAB;

        AssertChecksum(Rebuild(IPv6, body, protocol), protocol, offset);
        if (protocol != 58)
        {
            AssertChecksum(Rebuild(IPv4, body, protocol), protocol, offset);
        }
    }

    [Fact]
    public void UDP_over_IPv4_without_a_checksum_stays_without()
    {
        byte[] body = Body(Udp, 100);

        Assert.Equal(body, Rebuild(IPv4, body, Udp)[20..]);
        AssertChecksum(Rebuild(IPv6, body, Udp), Udp, 6);
    }

    [Fact]
    public void A_UDP_checksum_that_comes_to_zero_is_written_as_ones()
    {
        byte[] body = Body(Udp, 100);
        body[6] = 1;
        body[98] = body[99] = 0;
        byte[] checksum = Rebuild(IPv4, body, Udp)[26..28];

        // With its complement added, the sum of all words is all ones.
        checksum.CopyTo(body, 98);

        Assert.Equal([0xFF, 0xFF], Rebuild(IPv4, body, Udp)[26..28]);
    }

    [Fact]
    public void Octets_behind_the_UDP_datagram_are_padding_and_not_summed()
    {
        byte[] body = [.. Body(Udp, 100), 9, 9, 9];
        body[6] = 1;

        byte[] packet = Rebuild(IPv4, body, Udp);

        Assert.Equal(body[8..], packet[28..]);
        Assert.Equal(Rebuild(IPv4, body[..100], Udp)[20..], packet[20..120]);
    }

    [Theory]
    [InlineData(Tcp, 19)]
    [InlineData(Udp, 7)]
    [InlineData(58, 3)]
    [InlineData(132, 40)]
    [InlineData(1, 40)]
    public void What_has_no_such_checksum_or_no_room_for_it_stays_as_it_came(byte protocol, int length)
    {
        byte[] body = [.. Enumerable.Repeat((byte)0xA5, length)];

        Assert.Equal(body, Rebuild(IPv4, body, protocol)[20..]);
        Assert.Equal(body, Rebuild(IPv6, body, protocol)[40..]);
    }

    [Fact]
    public void UDP_that_lies_about_its_length_stays_as_it_came()
    {
        byte[] body = Body(Udp, 100);
        body[5] = 101;

        Assert.Equal(body, Rebuild(IPv6, body, Udp)[40..]);
    }

    [Fact]
    public void Addresses_of_both_IP_versions_make_no_mode() =>
        Assert.Throws<ArgumentException>(() => new TransportMode(IpAddress.Parse("10.1.0.1"), IpAddress.Parse("fd01::1")));

    [Fact]
    public void What_seals_and_opens_in_place_has_no_room_for_it()
    {
        SecurityAssociationParameters parameters = TestAssociations.Parameters() with { Transport = IPv4 };

        Assert.Throws<ArgumentException>(() => new EspSealer(parameters, firstNumber: 1, new Random(1).NextBytes));
        Assert.Throws<ArgumentException>(() => new EspOpener(parameters, new InboundPolicy(new TrafficSelector([], []), [])));
        parameters.Key.Dispose();
    }

    private static DropReason Check(TransportMode mode, byte[] packet)
    {
        Assert.True(InnerPacket.TryRead(packet, out InnerPacket inner));
        return mode.CheckOutbound(inner);
    }

    private static byte[] Rebuild(TransportMode mode, byte[] body, byte protocol, byte trafficClass = 0)
    {
        // What lay there before must not shine through.
        byte[] octets = [.. Enumerable.Repeat((byte)0xFF, mode.HeaderSize + body.Length)];
        Assert.Equal(octets.Length, mode.Rebuild(octets, body, protocol, trafficClass));
        return octets;
    }

    private static byte[] Body(byte protocol, int length)
    {
        byte[] body = [.. Enumerable.Range(0, length).Select(i => (byte)(3 * i))];
        if (protocol == Udp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(4), (ushort)length);
            body[6] = body[7] = 0;
        }

        return body;
    }

    private static void AssertChecksum(byte[] packet, byte protocol, int offset)
    {
        int header = packet[0] >> 4 == 6 ? 40 : 20;
        byte[] upper = packet[header..];
        byte[] addresses = header == 40 ? packet[8..40] : packet[12..20];
        byte[] length = BitConverter.GetBytes(IPAddress.HostToNetworkOrder(upper.Length));
        byte[] found = upper[offset..(offset + 2)];
        upper[offset] = upper[offset + 1] = 0;
        Assert.Equal(
            BinaryPrimitives.ReadUInt16BigEndian(found),
            TestPackets.Checksum([.. addresses, .. length, 0, 0, 0, protocol, .. upper]));
    }
}
