using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Wire;

public sealed class IcmpEchoTests
{
    private static readonly byte[] Payload = Convert.FromHexString("a1b2c3d4e5f60718293a4b5c6d7e8f90");

    public static TheoryData<string, string> Ends => new() { { "10.1.0.1", "10.2.0.1" }, { "fd00:1::1", "fd00:2::1" } };

    [Fact]
    public void An_ipv4_request_lies_as_rfc_792_draws_it()
    {
        byte[] packet = Request("10.1.0.1", "10.2.0.1");

        // Version to protocol, header checksum, addresses; type, code, checksum, identifier, sequence, payload.
        Assert.Equal("4500002c0000400040" + "01" + "26cd" + "0a010001" + "0a020001", Convert.ToHexStringLower(packet[..20]));
        Assert.Equal(
            "0800" + "a1b20102" + "a1b2c3d4e5f60718293a4b5c6d7e8f90",
            Convert.ToHexStringLower([.. packet[20..22], .. packet[24..]]));
        Assert.Equal(0, TestPackets.Checksum(packet[..20]));
        Assert.Equal(0, TestPackets.Checksum(packet[20..]));
    }

    [Fact]
    public void An_ipv6_request_lies_as_rfc_4443_draws_it()
    {
        byte[] packet = Request("fd00:1::1", "fd00:2::1");

        Assert.Equal(
            "6000000000183a40" + "fd000001000000000000000000000001" + "fd000002000000000000000000000001",
            Convert.ToHexStringLower(packet[..40]));
        Assert.Equal(
            "8000" + "a1b20102" + "a1b2c3d4e5f60718293a4b5c6d7e8f90",
            Convert.ToHexStringLower([.. packet[40..42], .. packet[44..]]));
        Assert.Equal(0, TestPackets.Checksum(TestPackets.WithPseudoHeader(packet)));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_request_is_known_as_one_and_as_no_reply(string source, string destination)
    {
        Assert.True(InnerPacket.TryRead(Request(source, destination), out InnerPacket packet));

        Assert.True(packet.HasValidHeaderChecksum);
        Assert.True(IcmpEcho.IsRequest(packet));
        Assert.False(IcmpEcho.TryReadReply(packet, out ReadOnlySpan<byte> payload));
        Assert.True(payload.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_reply_goes_back_with_the_requests_payload_and_numbers(string source, string destination)
    {
        byte[] octets = Reply(Request(source, destination));

        Assert.True(InnerPacket.TryRead(octets, out InnerPacket reply));
        Assert.Equal((destination, source), (reply.Source.ToString(), reply.Destination.ToString()));
        Assert.True(reply.HasValidHeaderChecksum);
        Assert.Equal("a1b20102", Convert.ToHexStringLower(reply.Payload[4..8]));
        Assert.Equal(0, TestPackets.Checksum(reply.IsIPv6 ? TestPackets.WithPseudoHeader(octets) : octets[20..]));
        Assert.True(IcmpEcho.TryReadReply(reply, out ReadOnlySpan<byte> payload));
        Assert.Equal(Payload, payload);
        Assert.False(IcmpEcho.IsRequest(reply));
    }

    [Fact]
    public void A_reply_leaves_the_requests_ip_options_out()
    {
        byte[] request = Request("10.1.0.1", "10.2.0.1");
        byte[] withOptions = [.. request[..20], 1, 1, 1, 1, .. request[20..]];
        withOptions[0] = 0x46;
        withOptions[3] += 4;
        TestPackets.MendHeaderChecksum(withOptions);

        Assert.Equal(Reply(request), Reply(withOptions));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void An_odd_or_empty_payload_keeps_the_checksum_right(string source, string destination)
    {
        byte[] request = Request(source, destination);
        bool isIPv6 = source.Contains(':', StringComparison.Ordinal);
        for (int cut = 1; cut <= Payload.Length; cut++)
        {
            byte[] shorter = Shortened(request, isIPv6, cut);

            Assert.True(InnerPacket.TryRead(shorter, out InnerPacket packet));
            Assert.True(IcmpEcho.IsRequest(packet), $"{Payload.Length - cut} octets");
            byte[] reply = Reply(shorter);
            Assert.Equal(0, TestPackets.Checksum(isIPv6 ? TestPackets.WithPseudoHeader(reply) : reply[20..]));
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_flipped_bit_in_the_message_makes_it_no_echo(string source, string destination)
    {
        byte[] reply = Reply(Request(source, destination));
        int header = reply.Length - 8 - Payload.Length;
        for (int bit = header * 8; bit < reply.Length * 8; bit++)
        {
            byte[] damaged = [.. reply];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.True(InnerPacket.TryRead(damaged, out InnerPacket packet));
            Assert.False(IcmpEcho.TryReadReply(packet, out _), $"bit {bit}");
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_message_cut_short_of_its_header_is_no_echo(string source, string destination)
    {
        byte[] request = Request(source, destination);
        bool isIPv6 = source.Contains(':', StringComparison.Ordinal);
        for (int left = 0; left < 8; left++)
        {
            byte[] shorter = Shortened(request, isIPv6, Payload.Length + 8 - left);

            Assert.True(InnerPacket.TryRead(shorter, out InnerPacket packet));
            Assert.False(IcmpEcho.IsRequest(packet), $"{left} octets");
        }
    }

    [Fact]
    public void A_fragment_is_no_echo()
    {
        byte[] request = Request("10.1.0.1", "10.2.0.1");
        request[6] = 0x20;
        TestPackets.MendHeaderChecksum(request);

        Assert.True(InnerPacket.TryRead(request, out InnerPacket packet));
        Assert.False(IcmpEcho.IsRequest(packet));
    }

    [Fact]
    public void Icmp_of_the_other_family_is_no_echo()
    {
        byte[] request = Request("10.1.0.1", "10.2.0.1");
        request[9] = InnerPacket.ProtocolIcmpV6;
        TestPackets.MendHeaderChecksum(request);

        Assert.True(InnerPacket.TryRead(request, out InnerPacket packet));
        Assert.False(IcmpEcho.IsRequest(packet));
    }

    private static byte[] Request(string source, string destination)
    {
        byte[] packet = [.. Enumerable.Repeat((byte)0xA5, 200)];
        int size = IcmpEcho.WriteRequest(packet, IpAddress.Parse(source), IpAddress.Parse(destination), 0x0102, Payload);
        Assert.Equal(IcmpEcho.PacketSize(IpAddress.Parse(source).IsIPv6, Payload.Length), size);
        Assert.Equal(0xA5, packet[size]);
        return packet[..size];
    }

    private static byte[] Reply(byte[] request)
    {
        byte[] packet = [.. Enumerable.Repeat((byte)0xA5, 200)];
        Assert.True(InnerPacket.TryRead(request, out InnerPacket parsed));
        return packet[..IcmpEcho.WriteReply(packet, parsed)];
    }

    /// <summary>The request without its last octets, its lengths and, where a header is left, its checksum mended.</summary>
    private static byte[] Shortened(byte[] request, bool isIPv6, int cut)
    {
        byte[] shorter = request[..^cut];
        shorter[isIPv6 ? 5 : 3] -= (byte)cut;
        int header = isIPv6 ? 40 : 20;
        if (!isIPv6)
        {
            TestPackets.MendHeaderChecksum(shorter);
        }

        if (shorter.Length >= header + 4)
        {
            shorter[header + 2] = shorter[header + 3] = 0;
            ushort sum = TestPackets.Checksum(isIPv6 ? TestPackets.WithPseudoHeader(shorter) : shorter[header..]);
            shorter[header + 2] = (byte)(sum >> 8);
            shorter[header + 3] = (byte)sum;
        }

        return shorter;
    }
}
