using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>Where traffic goes when a peer, or somebody who has its packets, turns up elsewhere.</summary>
public sealed class EndpointTests
{
    private static readonly OuterEndpoint Elsewhere = new(IpAddress.Parse("192.0.2.99"), 31000);

    [Fact]
    public void Traffic_follows_a_peer_whose_nat_maps_it_anew()
    {
        using TunnelLab lab = TunnelLab.Established();
        lab.A.MoveTo(Elsewhere);
        Assert.True(lab.Carries(lab.A, lab.B));

        lab.ExchangeProbes();

        Assert.Equal(Elsewhere, lab.B.Peer.Monitor.Route.Endpoint);
        Assert.True(lab.Carries(lab.B, lab.A));
    }

    [Fact]
    public void An_end_that_waits_learns_where_its_peer_is()
    {
        using var lab = new TunnelLab(bKnowsA: false);

        lab.ExchangeProbes();

        Assert.Equal(EndConf.OuterA, lab.B.Peer.Monitor.Route.Endpoint);
        Assert.True(lab.Carries(lab.B, lab.A));
    }

    [Fact]
    public void A_newest_packet_that_somebody_else_forwards_moves_nothing_unless_an_answer_comes_from_there()
    {
        using TunnelLab lab = TunnelLab.Established();
        lab.Network.Passes = _ => false;
        Assert.False(lab.Carries(lab.A, lab.B));
        Datagram taken = lab.Network.Recorded[^1];
        lab.Network.Passes = null;
        lab.Network.Recorded.Clear();

        lab.Replay([taken with { From = Elsewhere }]);
        lab.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal(EndConf.OuterA, lab.B.Peer.Monitor.Route.Endpoint);
        int toElsewhere = lab.Network.Recorded.Where(d => d.To == Elsewhere).Sum(d => d.Octets.Length);
        Assert.InRange(toElsewhere, 1, 3 * taken.Octets.Length);
    }

    [Theory]
    [InlineData("espmode = auto")]
    [InlineData("replay_window = 0")]
    public void A_replay_from_elsewhere_moves_nothing(string line)
    {
        using TunnelLab lab = TunnelLab.Established(line);
        Assert.True(lab.Carries(lab.A, lab.B));
        Datagram[] session = [.. lab.Network.Recorded.Where(d => d.To == EndConf.OuterB)];

        for (int i = 0; i < 5; i++)
        {
            lab.Replay(session.Select(d => d with { From = Elsewhere }));
            lab.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(EndConf.OuterA, lab.B.Peer.Monitor.Route.Endpoint);
        Assert.True(lab.Carries(lab.B, lab.A));
    }

    [Fact]
    public void Without_a_window_a_peer_that_moved_is_followed_after_a_fresh_answer_alone()
    {
        using TunnelLab lab = TunnelLab.Established("replay_window = 0");
        lab.A.MoveTo(Elsewhere);

        Assert.True(lab.Carries(lab.A, lab.B));
        Assert.Equal(EndConf.OuterA, lab.B.Peer.Monitor.Route.Endpoint);
        lab.ExchangeProbes();

        Assert.Equal(Elsewhere, lab.B.Peer.Monitor.Route.Endpoint);
    }

    [Theory]
    [InlineData("espinudp", UdpFraming.Rfc3948)]
    [InlineData("espinudp-nonike", UdpFraming.NonIke)]
    public void Auto_pins_the_framing_in_which_the_peer_answers(string mode, UdpFraming framing)
    {
        using var lab = new TunnelLab(b: ["espmode = " + mode]);
        lab.Network.Passes = d => d.To != EndConf.OuterB || FramingOf(d) == framing;

        lab.ExchangeProbes();

        Assert.Equal(framing, lab.A.Peer.Monitor.Route.Framing);
        Assert.True(lab.Carries(lab.A, lab.B));
    }

    [Fact]
    public void No_lone_packet_changes_a_pinned_framing()
    {
        using TunnelLab lab = TunnelLab.Established("espmode = auto");
        UdpFraming pinned = lab.B.Peer.Monitor.Route.Framing;
        lab.Network.Passes = d => d.To != EndConf.OuterB;
        Assert.False(lab.Carries(lab.A, lab.B));
        Datagram sent = lab.Network.Recorded[^1];
        lab.Network.Passes = null;

        byte[] reframed = FramingOf(sent) == UdpFraming.NonIke ? sent.Octets[8..] : [.. new byte[8], .. sent.Octets];
        lab.Replay([sent with { Octets = reframed }]);
        lab.ExchangeProbes();

        Assert.Equal(pinned, lab.B.Peer.Monitor.Route.Framing);
    }

    private static UdpFraming FramingOf(Datagram datagram)
    {
        UdpEncapsulation.TryFindEsp(datagram.Octets, out UdpFraming framing);
        return framing;
    }
}
