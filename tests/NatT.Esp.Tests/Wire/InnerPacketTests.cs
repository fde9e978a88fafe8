using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Wire;

public sealed class InnerPacketTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(40)]
    public void An_ipv4_packet_is_read_with_its_options(int options)
    {
        byte[] octets = TestPackets.IPv4("10.2.0.1", "10.1.0.1", payloadLength: 8, options, trafficClass: 0xB9);

        Assert.True(InnerPacket.TryRead(octets, out InnerPacket packet));

        Assert.False(packet.IsIPv6);
        Assert.Equal(20 + options, packet.HeaderLength);
        Assert.Equal(octets, packet.Octets);
        Assert.Equal("0102030405060708", Convert.ToHexStringLower(packet.Payload));
        Assert.Equal(("10.2.0.1", "10.1.0.1"), (packet.Source.ToString(), packet.Destination.ToString()));
        Assert.Equal((17, 0xB9, 4), (packet.Protocol, packet.TrafficClass, packet.NextHeader));
        Assert.True(packet.HasValidHeaderChecksum);
        Assert.False(packet.IsIPv4Fragment);
    }

    [Fact]
    public void An_ipv6_packet_is_read()
    {
        byte[] octets = TestPackets.IPv6("fd00:2::1", "fd00:1::1", payloadLength: 8, trafficClass: 0xB9);

        Assert.True(InnerPacket.TryRead(octets, out InnerPacket packet));

        Assert.True(packet.IsIPv6);
        Assert.Equal(40, packet.HeaderLength);
        Assert.Equal("0102030405060708", Convert.ToHexStringLower(packet.Payload));
        Assert.Equal(("fd00:2::1", "fd00:1::1"), (packet.Source.ToString(), packet.Destination.ToString()));
        Assert.Equal((17, 0xB9, 41), (packet.Protocol, packet.TrafficClass, packet.NextHeader));
        Assert.True(packet.HasValidHeaderChecksum);
        Assert.False(packet.IsIPv4Fragment);
    }

    [Fact]
    public void What_trails_the_stated_length_is_left_out()
    {
        byte[] ipv4 = TestPackets.IPv4("10.2.0.1", "10.1.0.1");
        byte[] ipv6 = TestPackets.IPv6("fd00:2::1", "fd00:1::1");

        Assert.True(InnerPacket.TryRead([.. ipv4, .. new byte[1000]], out InnerPacket packet4));
        Assert.True(InnerPacket.TryRead([.. ipv6, .. new byte[1000]], out InnerPacket packet6));

        Assert.Equal(ipv4, packet4.Octets);
        Assert.Equal(ipv6, packet6.Octets);
    }

    [Fact]
    public void A_header_alone_is_a_packet()
    {
        Assert.True(InnerPacket.TryRead(TestPackets.IPv4("10.2.0.1", "10.1.0.1", payloadLength: 0), out InnerPacket packet4));
        Assert.True(InnerPacket.TryRead(TestPackets.IPv6("fd00:2::1", "fd00:1::1", payloadLength: 0), out InnerPacket packet6));
        Assert.True(packet4.Payload.IsEmpty);
        Assert.True(packet6.Payload.IsEmpty);
    }

    [Fact]
    public void A_packet_cut_anywhere_is_refused()
    {
        byte[] ipv4 = TestPackets.IPv4("10.2.0.1", "10.1.0.1", options: 8);
        byte[] ipv6 = TestPackets.IPv6("fd00:2::1", "fd00:1::1");
        for (int length = 0; length < ipv4.Length; length++)
        {
            Assert.False(InnerPacket.TryRead(ipv4.AsSpan(0, length), out _), $"IPv4, {length} octets");
        }

        for (int length = 0; length < ipv6.Length; length++)
        {
            Assert.False(InnerPacket.TryRead(ipv6.AsSpan(0, length), out _), $"IPv6, {length} octets");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(15)]
    public void Another_version_is_refused(int version)
    {
        byte[] octets = TestPackets.IPv6("fd00:2::1", "fd00:1::1");
        octets[0] = (byte)(version << 4 | 5);

        Assert.False(InnerPacket.TryRead(octets, out _));
    }

    [Theory]
    [InlineData(0x44)]
    [InlineData(0x40)]
    [InlineData(0x4F)]
    [InlineData(0x48)]
    public void A_header_shorter_than_ipv4s_or_longer_than_the_packet_is_refused(byte versionAndLength)
    {
        byte[] octets = TestPackets.IPv4("10.2.0.1", "10.1.0.1");
        octets[0] = versionAndLength;

        Assert.False(InnerPacket.TryRead(octets, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(19)]
    [InlineData(29)]
    [InlineData(65535)]
    public void A_lying_total_length_is_refused(int totalLength)
    {
        byte[] octets = TestPackets.IPv4("10.2.0.1", "10.1.0.1");
        octets[2] = (byte)(totalLength >> 8);
        octets[3] = (byte)totalLength;

        Assert.False(InnerPacket.TryRead(octets, out _));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(65535)]
    public void A_lying_payload_length_is_refused(int payloadLength)
    {
        byte[] octets = TestPackets.IPv6("fd00:2::1", "fd00:1::1");
        octets[4] = (byte)(payloadLength >> 8);
        octets[5] = (byte)payloadLength;

        Assert.False(InnerPacket.TryRead(octets, out _));
    }

    [Theory]
    [InlineData(0x0000, false)]
    [InlineData(0x4000, false)]
    [InlineData(0x8000, false)]
    [InlineData(0x2000, true)]
    [InlineData(0x0001, true)]
    [InlineData(0x1FFF, true)]
    [InlineData(0x6000, true)]
    public void Fragments_are_told_by_offset_and_more_fragments(int flagsAndOffset, bool expected)
    {
        byte[] octets = TestPackets.IPv4("10.2.0.1", "10.1.0.1");
        octets[6] = (byte)(flagsAndOffset >> 8);
        octets[7] = (byte)flagsAndOffset;

        Assert.True(InnerPacket.TryRead(octets, out InnerPacket packet));
        Assert.Equal(expected, packet.IsIPv4Fragment);
    }

    [Fact]
    public void A_flipped_bit_in_an_ipv4_header_breaks_its_checksum()
    {
        byte[] octets = TestPackets.IPv4("10.2.0.1", "10.1.0.1", options: 4);
        for (int bit = 64; bit < 24 * 8; bit++)
        {
            byte[] damaged = [.. octets];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.True(InnerPacket.TryRead(damaged, out InnerPacket packet));
            Assert.False(packet.HasValidHeaderChecksum, $"bit {bit}");
        }
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x03)]
    [InlineData(0xBB)]
    [InlineData(0xFF)]
    public void Writing_the_traffic_class_changes_nothing_else(byte trafficClass)
    {
        byte[] ipv4 = TestPackets.IPv4("10.2.0.1", "10.1.0.1", options: 8, trafficClass: 0x5A);
        byte[] ipv6 = TestPackets.IPv6("fd00:2::1", "fd00:1::1", trafficClass: 0x5A);
        ipv6[1] |= 0x0C;
        byte[] expected6 = TestPackets.IPv6("fd00:2::1", "fd00:1::1", trafficClass: trafficClass);
        expected6[1] |= 0x0C;

        InnerPacket.WriteTrafficClass(ipv4, trafficClass);
        InnerPacket.WriteTrafficClass(ipv6, trafficClass);

        Assert.Equal(TestPackets.IPv4("10.2.0.1", "10.1.0.1", options: 8, trafficClass: trafficClass), ipv4);
        Assert.Equal(expected6, ipv6);
    }
}
