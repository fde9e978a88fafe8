using NatT.Tunnel.Control;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.Control;

public sealed class ProbeRoundTests
{
    [Fact]
    public void Peer_that_answers_is_asked_once()
    {
        using TunnelLab lab = TunnelLab.Established();
        long sent = lab.A.Peer.Monitor.Sight.ProbesSent;

        ProbeResult result = Run(lab);

        Assert.Equal(0, result.RttMs);
        Assert.Equal(0, result.Misses);
        Assert.Equal("198.51.100.2:1100", result.Endpoint);
        Assert.Equal(sent + 1, lab.A.Peer.Monitor.Sight.ProbesSent);
    }

    [Fact]
    public void Answer_to_an_earlier_probe_does_not_count()
    {
        using TunnelLab lab = TunnelLab.Established();
        lab.A.Peer.Monitor.AskForProbe();
        lab.A.Tick();
        lab.Time.Advance(TimeSpan.FromMilliseconds(5));
        var round = new ProbeRound(lab.A.Peer, lab.Now);
        lab.Settle();

        round.Update(lab.Now);

        Assert.Equal(5, lab.A.Peer.Monitor.Sight.LastAnswer?.RoundTrip.TotalMilliseconds);
        Assert.Null(round.Result);
    }

    [Fact]
    public void Silent_peer_is_asked_three_times()
    {
        using TunnelLab lab = TunnelLab.Established();
        lab.Network.Passes = _ => false;
        long sent = lab.A.Peer.Monitor.Sight.ProbesSent;
        TimeSpan start = lab.Now;

        ProbeResult result = Run(lab);

        Assert.Null(result.RttMs);
        Assert.Equal(3, result.Misses);
        Assert.Null(result.Problem);
        Assert.Equal(sent + 3, lab.A.Peer.Monitor.Sight.ProbesSent);
        Assert.InRange((lab.Now - start).TotalSeconds, 3, 4.5);
    }

    [Fact]
    public void Peer_that_answers_the_second_time_missed_one()
    {
        using TunnelLab lab = TunnelLab.Established();
        long sent = lab.A.Peer.Monitor.Sight.ProbesSent;
        lab.Network.Passes = _ => lab.A.Peer.Monitor.Sight.ProbesSent > sent + 1;

        ProbeResult result = Run(lab);

        Assert.Equal(1, result.Misses);
        Assert.NotNull(result.RttMs);
    }

    [Fact]
    public void Peer_whose_address_is_not_known_cannot_be_asked()
    {
        using var lab = new TunnelLab(aKnowsB: false, bKnowsA: false);

        ProbeResult result = Run(lab);

        Assert.Contains("not known", result.Problem, StringComparison.Ordinal);
        Assert.Null(result.RttMs);
    }

    [Fact]
    public void Peer_without_an_address_inside_cannot_be_asked()
    {
        using TunnelLab lab = TunnelLab.Established();
        var peer = new Peer
        {
            Name = "a network alone",
            Selector = lab.A.Peer.Selector,
            InboundPolicy = lab.A.Peer.InboundPolicy,
            Outbound = lab.A.Peer.Outbound,
            OutboundRecord = lab.A.Peer.OutboundRecord,
            Inbound = lab.A.Peer.Inbound,
            InboundRecord = null,
            Monitor = lab.A.Peer.Monitor,
        };

        var round = new ProbeRound(peer, lab.Now);

        Assert.Contains("dpd_target", round.Result?.Problem, StringComparison.Ordinal);
    }

    /// <summary>Lets time pass for both ends until the round is over.</summary>
    private static ProbeResult Run(TunnelLab lab)
    {
        var round = new ProbeRound(lab.A.Peer, lab.Now);
        round.Update(lab.Now);
        for (int steps = 0; round.Result is null; steps++)
        {
            Assert.True(steps < 200, "The round does not end.");
            lab.A.Tick();
            lab.B.Tick();
            lab.Settle();
            round.Update(lab.Now);
            lab.Time.Advance(TimeSpan.FromMilliseconds(50));
        }

        return round.Result;
    }
}
