using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Wire;

public sealed class UpperLayerTests
{
    private const byte Tcp = UpperLayer.ProtocolTcp;

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void IPv4_options_are_passed_over(int options)
    {
        byte[] packet = TestPackets.IPv4("10.0.0.1", "10.0.0.2", options: options);

        Assert.Equal(new UpperLayer(17, 20 + options, IsFragment: false, IsLaterFragment: false), Find(packet));
    }

    [Theory]
    [InlineData(0x4000, false, false)]
    [InlineData(0x2000, true, false)]
    [InlineData(0x2001, true, true)]
    [InlineData(0x0001, true, true)]
    public void IPv4_fragments_are_told(int field, bool isFragment, bool isLater)
    {
        byte[] packet = TestPackets.IPv4("10.0.0.1", "10.0.0.2");
        packet[6] = (byte)(field >> 8);
        packet[7] = (byte)field;

        Assert.Equal(new UpperLayer(17, 20, isFragment, isLater), Find(packet));
    }

    [Fact]
    public void IPv6_without_extensions_is_found_at_once() =>
        Assert.Equal(new UpperLayer(Tcp, 40, IsFragment: false, IsLaterFragment: false), Find(IPv6(Tcp, [])));

    [Fact]
    public void IPv6_extension_headers_are_passed_over()
    {
        // Hop-by-hop options, destination options of 16 octets, routing.
        byte[] extensions = [60, 0, 0, 0, 0, 0, 0, 0, 43, 1, .. new byte[14], Tcp, 0, 0, 0, 0, 0, 0, 0];

        Assert.Equal(new UpperLayer(Tcp, 72, IsFragment: false, IsLaterFragment: false), Find(IPv6(0, extensions)));
    }

    [Theory]
    [InlineData(0x0001, false)]
    [InlineData(0x0009, true)]
    [InlineData(0x0008, true)]
    public void IPv6_fragments_are_told(int field, bool isLater)
    {
        // Behind a later fragment's header is payload, which only looks like the hop-by-hop options it may be.
        byte protocol = isLater ? (byte)0 : Tcp;
        byte[] extension = [protocol, 0xFF, (byte)(field >> 8), (byte)field, 0, 0, 0, 1];

        Assert.Equal(new UpperLayer(protocol, 48, IsFragment: true, isLater), Find(IPv6(44, extension)));
    }

    [Fact]
    public void An_extension_header_longer_than_the_packet_hides_what_follows()
    {
        Assert.Null(Find(IPv6(60, [Tcp, 3, .. new byte[22]], payload: 7)));
        Assert.Null(Find(IPv6(60, [], payload: 7)));
        Assert.Null(Find(IPv6(44, [], payload: 7)));
        Assert.NotNull(Find(IPv6(60, [Tcp, 3, .. new byte[22]], payload: 8)));
    }

    private static byte[] IPv6(byte nextHeader, byte[] extensions, int payload = 20)
    {
        byte[] packet = TestPackets.IPv6("fd00::1", "fd00::2", extensions.Length + payload);
        packet[6] = nextHeader;
        extensions.CopyTo(packet, 40);
        return packet;
    }

    private static UpperLayer? Find(byte[] packet)
    {
        Assert.True(InnerPacket.TryRead(packet, out InnerPacket inner));
        return UpperLayer.TryFind(inner, out UpperLayer upper) ? upper : null;
    }
}
