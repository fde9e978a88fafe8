using NatT.Tunnel.Tests.Segmentation.Lab;

namespace NatT.Tunnel.Tests.Segmentation;

/// <summary>Segments that are sealed without their IP header, as transport mode does.</summary>
public sealed class OmittedHeaderTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_segment_is_what_stands_behind_its_IP_header(bool isIPv6, bool isUdp)
    {
        var shape = new PacketShape
        {
            IsIPv6 = isIPv6,
            IsUdp = isUdp,
            Identification = 7,
            TcpOptions = isUdp ? [] : PacketShape.Timestamps(5),
            Payload = PacketShape.RandomPayload(new Random(4), 700),
        };
        for (int size = 1; size <= 700; size++)
        {
            List<byte[]> bodies = Cutter.Place(shape.Super(), shape.Virtio(size), omitted: shape.Transport)!;

            Assert.Equal(
                shape.Segments(size).Select(segment => Convert.ToHexString(segment.Whole()[shape.Transport..])),
                bodies.Select(Convert.ToHexString));
        }
    }

    [Fact]
    public void A_packet_by_itself_is_sealed_from_behind_its_IP_header()
    {
        var shape = new PacketShape { IsUdp = true, Payload = [1, 2, 3] };

        List<byte[]> bodies = Cutter.Place(shape.Whole(), default, omitted: 20)!;

        Assert.Equal(shape.Whole()[20..], Assert.Single(bodies));
    }
}
