using NatT.Esp.Wire;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.DataPath;

public sealed class TrafficTests
{
    [Theory]
    [InlineData("espmode = espinudp")]
    [InlineData("espmode = espinudp-nonike")]
    [InlineData("espmode = auto")]
    [InlineData("icv_bits = 96")]
    [InlineData("esn = yes")]
    [InlineData("replay_window = 0")]
    public void Packets_of_both_families_pass_both_ways(string line)
    {
        using TunnelLab lab = TunnelLab.Established(line);
        byte[][] there = [InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 700), InnerPackets.Udp(EndConf.InnerA6, EndConf.InnerB6, 701)];
        byte[][] back = [InnerPackets.Udp(EndConf.InnerB, EndConf.InnerA, 702), InnerPackets.Udp(EndConf.InnerB6, EndConf.InnerA6, 703)];
        lab.A.Device.Delivered.Clear();
        lab.B.Device.Delivered.Clear();
        long dropsBefore = Drops(lab);

        Array.ForEach(there, lab.A.Device.Push);
        Array.ForEach(back, lab.B.Device.Push);
        lab.Settle();

        Assert.Equal(there, lab.B.Device.Delivered);
        Assert.Equal(back, lab.A.Device.Delivered);
        Assert.Equal(dropsBefore, Drops(lab));
    }

    [Theory]
    [InlineData("espinudp", 0)]
    [InlineData("espinudp-nonike", 8)]
    public void A_datagram_is_framed_as_configured(string mode, int zeros)
    {
        using TunnelLab lab = TunnelLab.Established("espmode = " + mode);
        lab.Network.Recorded.Clear();

        Assert.True(lab.Carries(lab.A, lab.B));

        byte[] datagram = Assert.Single(lab.Network.Recorded).Octets;
        Assert.Equal(EndConf.Spi, EspHeader.ReadSpi(datagram.AsSpan(zeros)));
        Assert.True(datagram.AsSpan(0, zeros).IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public void Sequence_numbers_rise_by_one()
    {
        using TunnelLab lab = TunnelLab.Established();
        lab.Network.Recorded.Clear();

        for (int i = 0; i < 200; i++)
        {
            lab.A.Device.Push(InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100));
        }

        lab.Settle();
        uint[] numbers = [.. lab.Network.Recorded.Select(d => EspHeader.ReadSequenceNumber(d.Octets))];
        Assert.Equal(200, numbers.Length);
        Assert.All(numbers.Zip(numbers.Skip(1)), pair => Assert.Equal(pair.First + 1, pair.Second));
    }

    [Fact]
    public void The_inner_traffic_class_travels_on_the_outer_header_and_congestion_comes_back_in()
    {
        using TunnelLab lab = TunnelLab.Established();
        lab.Network.Recorded.Clear();
        lab.Network.Passes = _ => false;
        lab.A.Device.Push(InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100, trafficClass: 0xB8 | Ecn.Ect0));
        lab.Settle();
        Datagram sent = Assert.Single(lab.Network.Recorded);
        Assert.Equal(0xB8 | Ecn.Ect0, sent.TrafficClass);

        lab.Replay([sent with { TrafficClass = 0xB8 | Ecn.CongestionExperienced }]);

        Assert.True(InnerPacket.TryRead(lab.B.Device.Delivered[^1], out InnerPacket packet));
        Assert.Equal(0xB8 | Ecn.CongestionExperienced, packet.TrafficClass);
        Assert.True(packet.HasValidHeaderChecksum);
    }

    private static long Drops(TunnelLab lab) =>
        lab.A.InboundDrops() + lab.A.OutboundDrops() + lab.B.InboundDrops() + lab.B.OutboundDrops();
}
