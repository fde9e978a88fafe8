using System.Buffers.Binary;
using System.Net;
using NatT.Esp.Wire;
using NatT.Tunnel.Segmentation;
using NatT.Tunnel.Tests.Segmentation.Lab;

namespace NatT.Tunnel.Tests.Segmentation;

public sealed class PacketTooBigTests
{
    private static readonly IpAddress Ours = IpAddress.Parse("10.77.0.1");
    private static readonly IpAddress OursV6 = IpAddress.Parse("fd77::1");
    private static readonly PacketShape Long = new() { Payload = PacketShape.RandomPayload(new Random(1), 1400), TrafficClass = 9 };

    [Theory]
    [InlineData(1400, 548)]
    [InlineData(700, 548)]
    [InlineData(300, 340)]
    public void IPv4_sender_is_told_the_mtu_and_shown_what_fits_576_octets(int payload, int quoted)
    {
        byte[] packet = (Long with { Payload = Long.Payload[..payload] }).Whole();

        byte[] message = Answer(packet, Ours, mtu: 1374)!;

        Assert.Equal(28 + quoted, message.Length);
        Assert.Equal("45C0", Convert.ToHexString(message[..2]));
        Assert.Equal(message.Length, BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(2)));
        Assert.Equal(1, message[9]);
        Assert.Equal("0A4D0001" + "0A000001", Convert.ToHexString(message[12..20]));
        Assert.Equal("0304", Convert.ToHexString(message[20..22]));
        Assert.Equal("0000" + "055E", Convert.ToHexString(message[24..28]));
        Assert.Equal(packet[..quoted], message[28..]);
        Assert.Equal(0, PlainChecksum.Of(message.AsSpan(0, 20)));
        Assert.Equal(0, PlainChecksum.Of(message.AsSpan(20)));
    }

    [Theory]
    [InlineData(1400, 1232)]
    [InlineData(300, 360)]
    public void IPv6_sender_is_told_the_mtu_and_shown_what_fits_1280_octets(int payload, int quoted)
    {
        byte[] packet = (Long with { IsIPv6 = true, Payload = Long.Payload[..payload] }).Whole();

        byte[] message = Answer(packet, OursV6, mtu: 1374)!;

        Assert.Equal(48 + quoted, message.Length);
        Assert.Equal(message.Length - 40, BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(4)));
        Assert.Equal(58, message[6]);
        Assert.Equal(OursV6, IpAddress.ReadIPv6(message.AsSpan(8, 16)));
        Assert.Equal(IpAddress.Parse("fd00::1"), IpAddress.ReadIPv6(message.AsSpan(24, 16)));
        Assert.Equal("0200", Convert.ToHexString(message[40..42]));
        Assert.Equal("0000055E", Convert.ToHexString(message[44..48]));
        Assert.Equal(packet[..quoted], message[48..]);
        Assert.Equal(0, PlainChecksum.Of([.. message[8..40], 0, 58, message[4], message[5], .. message[40..]]));
    }

    [Fact]
    public void No_message_is_larger_than_announced()
    {
        byte[] packet = (Long with { IsIPv6 = true, Payload = new byte[60000] }).Whole();

        Assert.Equal(PacketTooBig.LargestSize, Answer(packet, OursV6, mtu: 1280)!.Length);
    }

    [Theory]
    [InlineData("0.0.0.0", "10.0.0.9")]
    [InlineData("0.1.2.3", "10.0.0.9")]
    [InlineData("127.0.0.1", "10.0.0.9")]
    [InlineData("224.0.0.1", "10.0.0.9")]
    [InlineData("255.255.255.255", "10.0.0.9")]
    [InlineData("10.0.0.1", "224.0.0.5")]
    [InlineData("10.0.0.1", "255.255.255.255")]
    [InlineData("::", "fd00::9")]
    [InlineData("::1", "fd00::9")]
    [InlineData("ff02::1", "fd00::9")]
    public void Packets_of_such_addresses_are_not_answered(string source, string destination) =>
        Assert.Null(Answer(Between(source, destination)));

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.9")]
    [InlineData("fd00::1", "fd00::9")]
    [InlineData("fd00::1", "ff0e::9")] // RFC 4443 §2.4 (e.3)
    public void Packets_of_such_addresses_are_answered(string source, string destination) =>
        Assert.NotNull(Answer(Between(source, destination)));

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(11, false)]
    [InlineData(12, false)]
    [InlineData(0, true)]
    [InlineData(8, true)]
    [InlineData(13, true)]
    public void Icmp_errors_draw_no_error(int type, bool isAnswered) => Assert.Equal(isAnswered, Answer(Icmp(type, Long)) is not null);

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(127, false)]
    [InlineData(137, false)]
    [InlineData(128, true)]
    [InlineData(129, true)]
    public void Icmpv6_errors_draw_no_error_whatever_precedes_them(int type, bool isAnswered)
    {
        Assert.Equal(isAnswered, Answer(Icmp(type, Long with { IsIPv6 = true })) is not null);
        Assert.Equal(isAnswered, Answer(Icmp(type, Long with { IsIPv6 = true, DestinationOptions = 2 })) is not null);
    }

    [Theory]
    [InlineData(0x4000, true)]
    [InlineData(0x6000, true)]
    [InlineData(0x4001, false)]
    [InlineData(0x6001, false)]
    [InlineData(0x0000, false)]
    public void Only_IPv4_packets_with_df_that_start_a_datagram_are_answered(int fragment, bool isAnswered) =>
        Assert.Equal(isAnswered, Answer((Long with { Fragment = (ushort)fragment }).Whole()) is not null);

    [Fact]
    public void Later_IPv6_fragments_are_not_answered()
    {
        byte[] packet = (Long with { IsIPv6 = true, DestinationOptions = 1 }).Whole();
        packet[6] = 44;
        Assert.NotNull(Answer(packet));
        packet[43] = 8;
        Assert.Null(Answer(packet));
    }

    [Fact]
    public void A_damaged_header_is_not_answered()
    {
        byte[] packet = Long.Whole();
        packet[10] ^= 1;

        Assert.Null(Answer(packet));
    }

    [Fact]
    public void An_address_of_the_other_family_answers_nothing() => Assert.Null(Answer(Long.Whole(), OursV6, mtu: 1280));

    [Fact]
    public void No_packet_makes_it_reach_beyond_its_bounds()
    {
        var random = new Random(4);
        int answered = 0;
        for (int i = 0; i < 20000; i++)
        {
            byte[] packet = (Shapes.Header(random, isUdp: false) with { Payload = new byte[random.Next(100)] }).Whole();
            for (int damage = random.Next(4); damage > 0; damage--)
            {
                packet[random.Next(packet.Length)] = (byte)random.Next(256);
            }

            answered += Answer(packet) is null ? 0 : 1;
        }

        Assert.InRange(answered, 1000, 19000);
    }

    private static byte[] Between(string source, string destination)
    {
        IPAddress from = IPAddress.Parse(source);
        bool isIPv6 = from.GetAddressBytes().Length == 16;
        byte[] packet = (Long with { IsIPv6 = isIPv6 }).Whole();
        from.GetAddressBytes().CopyTo(packet, isIPv6 ? 8 : 12);
        IPAddress.Parse(destination).GetAddressBytes().CopyTo(packet, isIPv6 ? 24 : 16);
        return Mended(packet);
    }

    private static byte[] Icmp(int type, PacketShape shape)
    {
        byte[] packet = shape.Whole();
        bool hasExtension = shape.DestinationOptions > 0;
        packet[!shape.IsIPv6 ? 9 : hasExtension ? 40 : 6] = shape.IsIPv6 ? (byte)58 : (byte)1;
        packet[shape.Transport] = (byte)type;
        return Mended(packet);
    }

    private static byte[] Mended(byte[] packet)
    {
        if (packet[0] >> 4 == 4)
        {
            InnerPacket.WriteIPv4Checksum(packet.AsSpan(0, 20));
        }

        return packet;
    }

    private static byte[]? Answer(byte[] packet) => Answer(packet, packet[0] >> 4 == 6 ? OursV6 : Ours, mtu: 1280);

    private static byte[]? Answer(byte[] packet, IpAddress ours, int mtu)
    {
        byte[] message = new byte[PacketTooBig.LargestSize];
        return InnerPacket.TryRead(packet, out InnerPacket inner) && PacketTooBig.TryWrite(message, inner, ours, mtu, out int length)
            ? message[..length]
            : null;
    }
}
