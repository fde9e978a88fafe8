using NatT.Esp;
using NatT.Esp.Wire;
using NatT.Tests;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Tests.DataPath.Lab;
using NatT.Tunnel.Tests.Segmentation.Lab;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>Two ends in transport mode, with the addresses that <see cref="PacketShape"/> has.</summary>
public sealed class TransportTests
{
    private const string A4 = "10.0.0.1";
    private const string B4 = "10.0.1.2";
    private const string A6 = "fd00::1";
    private const string B6 = "fd00:1::2";
    private const string Mode = "mode = transport";

    [Theory]
    [InlineData("espmode = espinudp", false)]
    [InlineData("espmode = espinudp", true)]
    [InlineData("espmode = espinudp-nonike", false)]
    [InlineData("espmode = espinudp-nonike", true)]
    [InlineData("espmode = auto", false)]
    [InlineData("icv_bits = 96", true)]
    [InlineData("esn = yes", false)]
    [InlineData("replay_window = 0", true)]
    public void Packets_arrive_as_they_left(string line, bool isIPv6)
    {
        using TunnelLab lab = Established(isIPv6, line);
        byte[][] packets =
        [
            Shape(isIPv6, isUdp: true, 0).Whole(), Shape(isIPv6, isUdp: false, 1000).Whole(), Shape(isIPv6, isUdp: true, 1333).Whole(),
        ];
        lab.B.Device.Delivered.Clear();
        long dropsBefore = lab.A.OutboundDrops() + lab.B.InboundDrops();

        Array.ForEach(packets, lab.A.Device.Push);
        lab.Settle();

        Assert.Equal(packets, lab.B.Device.Delivered);
        Assert.Equal(dropsBefore, lab.A.OutboundDrops() + lab.B.InboundDrops());
    }

    [Theory]
    [InlineData(false, 20)]
    [InlineData(true, 40)]
    public void A_datagram_carries_no_inner_header(bool isIPv6, int header)
    {
        using TunnelLab lab = Established(isIPv6, "espmode = espinudp");
        lab.Network.Recorded.Clear();
        byte[] packet = Shape(isIPv6, isUdp: true, 1000).Whole();

        lab.A.Device.Push(packet);
        lab.Settle();

        int sealedLength = lab.A.Peer.Outbound.Parameters.SealedLength(packet.Length - header);
        Assert.Equal(sealedLength, Assert.Single(lab.Network.Recorded).Octets.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_end_may_call_the_two_what_it_likes(bool isIPv6)
    {
        (string local, string remote) = isIPv6 ? ("fd99::1", "fd99::2") : ("10.99.0.1", "10.99.0.2");
        using var lab = new TunnelLab(
            EndConf.OfTransport(isA: true, isIPv6 ? A6 : A4, isIPv6 ? B6 : B4, Mode), EndConf.OfTransport(isA: false, local, remote, Mode));
        lab.ExchangeProbes();
        lab.B.Device.Delivered.Clear();

        lab.A.Device.Push(Shape(isIPv6, isUdp: false, 500).Whole());
        lab.Settle();

        Assert.True(lab.A.Peer.Monitor.Sight.IsUp && lab.B.Peer.Monitor.Sight.IsUp);
        Assert.True(InnerPacket.TryRead(Assert.Single(lab.B.Device.Delivered), out InnerPacket came));
        Assert.Equal((remote, local), (came.Source.ToString(), came.Destination.ToString()));
        uint sum = PseudoHeader.Sum(came.Octets, came.Protocol, came.Payload.Length);
        Assert.Equal(0, InternetChecksum.Finish(InternetChecksum.Add(came.Payload, sum)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ends_that_both_forgot_which_numbers_are_fresh_find_each_other_again(bool isIPv6)
    {
        using TunnelLab lab = Established(isIPv6);
        lab.A.Reboot();
        lab.B.Reboot();
        Assert.False(lab.A.Peer.Inbound.IsSynchronised || lab.B.Peer.Inbound.IsSynchronised);

        lab.ExchangeProbes();

        Assert.True(lab.A.Peer.Inbound.IsSynchronised && lab.B.Peer.Inbound.IsSynchronised);
    }

    [Fact]
    public void The_outer_traffic_class_is_the_packets_own_congestion_included()
    {
        using TunnelLab lab = Established(isIPv6: false);
        lab.Network.Recorded.Clear();
        lab.Network.Passes = _ => false;
        lab.A.Device.Push((Shape(isIPv6: false, isUdp: true, 10) with { TrafficClass = 0xB8 | Ecn.Ect0 }).Whole());
        lab.Settle();
        Datagram sent = Assert.Single(lab.Network.Recorded);
        Assert.Equal(0xB8 | Ecn.Ect0, sent.TrafficClass);

        lab.Replay([sent with { TrafficClass = 0xB8 | Ecn.CongestionExperienced }]);

        Assert.True(InnerPacket.TryRead(lab.B.Device.Delivered[^1], out InnerPacket packet));
        Assert.Equal(0xB8 | Ecn.CongestionExperienced, packet.TrafficClass);
        Assert.True(packet.HasValidHeaderChecksum);
    }

    [Fact]
    public void Our_own_packets_sent_back_to_us_are_not_the_peers()
    {
        using TunnelLab lab = Established(isIPv6: false);
        lab.Network.Recorded.Clear();
        lab.A.Device.Push(Shape(isIPv6: false, isUdp: true, 100).Whole());
        lab.Settle();
        lab.A.Device.Delivered.Clear();

        lab.Replay(lab.Network.Recorded.Select(datagram => datagram with { From = datagram.To, To = datagram.From }));

        Assert.Empty(lab.A.Device.Delivered);
        Assert.Equal(1, lab.A.InboundDrops(DropReason.IcvMismatch));
    }

    [Fact]
    public void A_replayed_packet_is_told_apart()
    {
        using TunnelLab lab = Established(isIPv6: false);
        lab.Network.Recorded.Clear();
        lab.A.Device.Push(Shape(isIPv6: false, isUdp: true, 100).Whole());
        lab.Settle();
        lab.B.Device.Delivered.Clear();

        lab.Replay(lab.Network.Recorded);

        Assert.Empty(lab.B.Device.Delivered);
        Assert.Equal(1, lab.B.InboundDrops(DropReason.Replayed));
    }

    [Fact]
    public void Fragments_and_options_are_counted_and_use_no_number()
    {
        using TunnelLab lab = Established(isIPv6: false);
        ulong next = lab.A.Peer.Outbound.Sequence.Next;

        lab.A.Device.Push((Shape(isIPv6: false, isUdp: true, 800) with { Fragment = 0x2000 }).Whole());
        lab.A.Device.Push((Shape(isIPv6: false, isUdp: true, 800) with { Fragment = 100 }).Whole());
        lab.A.Device.Push((Shape(isIPv6: false, isUdp: true, 800) with { Options = [0x94, 4, 0, 0] }).Whole());
        lab.Settle();

        Assert.Equal(2, lab.A.OutboundDrops(DropReason.FragmentInTransportMode));
        Assert.Equal(1, lab.A.OutboundDrops(DropReason.NotForTransportMode));
        Assert.Equal(next, lab.A.Peer.Outbound.Sequence.Next);
    }

    [Fact]
    public void A_packet_above_the_MTU_is_not_cut_whatever_it_allows()
    {
        using TunnelLab lab = Established(isIPv6: false);
        lab.A.Peer.Monitor.AssumeMtu(1200);
        lab.Network.Recorded.Clear();

        lab.A.Device.Push((Shape(isIPv6: false, isUdp: true, 1300) with { Fragment = 0 }).Whole());
        lab.A.Device.Push(Shape(isIPv6: false, isUdp: true, 1300).Whole());
        lab.Settle();

        Assert.Equal(2, lab.A.OutboundDrops(DropReason.AboveMtu));
        Assert.Empty(lab.Network.Recorded);
        Assert.Single(lab.A.Device.Told);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Ends_of_different_modes_say_so(bool isSenderTransport)
    {
        string[] none = [];
        using var lab = new TunnelLab(
            EndConf.OfTransport(isA: true, A4, B4, isSenderTransport ? [Mode] : none),
            EndConf.OfTransport(isA: false, B4, A4, isSenderTransport ? none : [Mode]));
        lab.ExchangeProbes();

        lab.A.Device.Push(Shape(isIPv6: false, isUdp: true, 100).Whole());
        lab.Settle();

        Assert.Empty(lab.B.Device.Delivered);
        Assert.InRange(lab.B.InboundDrops(DropReason.UnexpectedNextHeader), 2, long.MaxValue);
        Assert.InRange(lab.A.InboundDrops(DropReason.UnexpectedNextHeader), 1, long.MaxValue);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_one_end_counts_the_other_counts_too(bool isIPv6)
    {
        using TunnelLab lab = Established(isIPv6);
        (long packets, long octets) = Ahead(lab);
        for (int i = 0; i < 300; i++)
        {
            lab.A.Device.Push(Shape(isIPv6, isUdp: true, i).Whole());
        }

        lab.Settle();

        Assert.Equal((packets, octets), Ahead(lab));
    }

    /// <summary>What A counted more than B: before B knew which numbers are fresh, it let nothing in.</summary>
    private static (long Packets, long Octets) Ahead(TunnelLab lab) => (
        lab.A.Peer.OutboundCounters.Packets - lab.B.Peer.InboundCounters.Packets,
        lab.A.Peer.OutboundCounters.Octets - lab.B.Peer.InboundCounters.Octets);

    private static TunnelLab Established(bool isIPv6, params string[] lines)
    {
        (string a, string b) = isIPv6 ? (A6, B6) : (A4, B4);
        PeerConf confA = EndConf.OfTransport(isA: true, a, b, [Mode, .. lines]);
        var lab = new TunnelLab(confA, EndConf.OfTransport(isA: false, b, a, [Mode, .. lines]));
        lab.ExchangeProbes();
        return lab;
    }

    private static PacketShape Shape(bool isIPv6, bool isUdp, int payload) => new()
    {
        IsIPv6 = isIPv6,
        IsUdp = isUdp,
        Payload = PacketShape.RandomPayload(new Random(payload), payload),
    };
}
