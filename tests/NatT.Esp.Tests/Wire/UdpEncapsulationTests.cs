using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Wire;

public sealed class UdpEncapsulationTests
{
    private const string NoMarker = "";
    private const string NonIkeMarker = "0000000000000000";

    [Theory]
    [InlineData("c0666a7000000001", UdpFraming.Rfc3948)]
    [InlineData("0000010000000001", UdpFraming.Rfc3948)]
    [InlineData("ffffffff00000000", UdpFraming.Rfc3948)]
    [InlineData("ff00000000000001", UdpFraming.Rfc3948)]
    [InlineData(NonIkeMarker + "c0666a7000000001", UdpFraming.NonIke)]
    [InlineData(NonIkeMarker + "0000010000000001", UdpFraming.NonIke)]
    [InlineData("c0666a700000000000000000", UdpFraming.Rfc3948)]
    public void Esp_is_found_in_both_framings(string datagram, UdpFraming expected)
    {
        Assert.Equal(DropReason.None, UdpEncapsulation.TryFindEsp(Convert.FromHexString(datagram), out UdpFraming framing));
        Assert.Equal(expected, framing);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("01")]
    [InlineData("00000000")]
    [InlineData("c0666a70")]
    [InlineData("c0666a70000000")]
    [InlineData("00000000000000")]
    [InlineData(NonIkeMarker)]
    [InlineData(NonIkeMarker + "c0666a70")]
    [InlineData(NonIkeMarker + "c0666a70000000")]
    [Produces(DropReason.TooShort)]
    public void Fewer_octets_than_spi_and_sequence_number_are_too_short(string datagram) =>
        Assert.Equal(DropReason.TooShort, UdpEncapsulation.TryFindEsp(Convert.FromHexString(datagram), out _));

    [Theory]
    [InlineData("0000000000000001")]
    [InlineData("00000000c0666a7000000001")]
    [InlineData("00000000a1b2c3d4e5f60718000000000000000021202208000000000000011c")]
    [Produces(DropReason.Ike)]
    public void A_zero_word_before_anything_else_is_ike(string datagram) =>
        Assert.Equal(DropReason.Ike, UdpEncapsulation.TryFindEsp(Convert.FromHexString(datagram), out _));

    [Theory]
    [InlineData(NoMarker, 1)]
    [InlineData(NoMarker, 255)]
    [InlineData(NonIkeMarker, 0)]
    [InlineData(NonIkeMarker, 1)]
    [InlineData(NonIkeMarker, 255)]
    [Produces(DropReason.ReservedSpi)]
    public void Reserved_spis_are_refused_in_both_framings(string marker, int spi)
    {
        byte[] datagram = Convert.FromHexString($"{marker}{spi:x8}{1:x8}{new string('0', 160)}");

        Assert.Equal(DropReason.ReservedSpi, UdpEncapsulation.TryFindEsp(datagram, out _));
    }

    [Theory]
    [InlineData("ff", true)]
    [InlineData("", false)]
    [InlineData("00", false)]
    [InlineData("fe", false)]
    [InlineData("ffff", false)]
    [InlineData("ffffffffffffffff", false)]
    public void Only_a_lone_ff_is_a_keepalive(string datagram, bool expected) =>
        Assert.Equal(expected, UdpEncapsulation.IsKeepalive(Convert.FromHexString(datagram)));

    [Theory]
    [InlineData(UdpFraming.Rfc3948, 0)]
    [InlineData(UdpFraming.NonIke, 8)]
    public void A_framing_writes_its_marker_and_nothing_more(UdpFraming framing, int size)
    {
        byte[] datagram = [.. Enumerable.Repeat((byte)0xA5, 16)];

        Assert.Equal(size, UdpEncapsulation.WriteMarker(datagram, framing));
        Assert.Equal(size, UdpEncapsulation.MarkerSize(framing));
        Assert.Equal([.. new byte[size], .. Enumerable.Repeat((byte)0xA5, 16 - size)], datagram);
    }
}
