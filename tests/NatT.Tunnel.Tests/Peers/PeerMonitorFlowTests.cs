using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Tests.Peers;

/// <summary>A flow that breaks off: perhaps a NAT gave us another mapping, and only our sending tells the peer.</summary>
public sealed class PeerMonitorFlowTests
{
    private static readonly OuterEndpoint Home = new(IpAddress.Parse("192.0.2.1"), 1100);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private TimeSpan _now = TimeSpan.FromHours(1);
    private UInt128 _nextBits = 1;

    [Fact]
    public void A_flow_that_breaks_off_is_asked_about_before_the_interval()
    {
        PeerMonitor monitor = CreateAnswered();
        Flow(monitor, FlowWatch.FewestPackets, Pace);

        Assert.Empty(ProbesWithin(monitor, FlowWatch.Patience - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(Home, Assert.Single(ProbesWithin(monitor, TimeSpan.FromMilliseconds(1))).Target);
    }

    [Fact]
    public void An_answer_ends_the_asking()
    {
        PeerMonitor monitor = CreateAnswered();
        Flow(monitor, 100, Pace);
        Answer(monitor, Assert.Single(ProbesWithin(monitor, FlowWatch.Patience)));

        Assert.Empty(ProbesWithin(monitor, TimeSpan.FromSeconds(9)));
    }

    [Fact]
    public void The_peers_own_probe_is_no_flow()
    {
        PeerMonitor monitor = CreateAnswered();
        Flow(monitor, 100, Pace);
        Answer(monitor, Assert.Single(ProbesWithin(monitor, FlowWatch.Patience)));

        // Otherwise two ends would ask each other without end.
        Flow(monitor, 1, Pace);

        Assert.Empty(ProbesWithin(monitor, TimeSpan.FromSeconds(9)));
    }

    [Fact]
    public void Packets_far_apart_are_no_flow()
    {
        PeerMonitor monitor = CreateAnswered();

        for (int i = 0; i < 60; i++)
        {
            Flow(monitor, 1, Pace);
            Assert.Empty(ProbesWithin(monitor, FlowWatch.Patience));
        }
    }

    [Fact]
    public void Whoever_sends_need_not_ask()
    {
        PeerMonitor monitor = CreateAnswered();
        Flow(monitor, 100, Pace);

        for (int i = 0; i < 100; i++)
        {
            monitor.NoteSent(_now);
            Assert.Empty(ProbesWithin(monitor, Pace));
        }
    }

    [Fact]
    public void A_silent_peer_is_asked_once_a_second_as_often_as_misses_are_allowed_and_is_lost_after_the_interval()
    {
        PeerMonitor monitor = CreateAnswered();
        Flow(monitor, 100, Pace);

        List<Probe> probes = ProbesWithin(monitor, TimeSpan.FromSeconds(9));

        Assert.Equal(3, probes.Count);
        Assert.All(probes.Zip(probes.Skip(1)), pair => Assert.True(pair.Second.SentAt - pair.First.SentAt >= PeerMonitor.ProbeSpacing));
        Assert.True(monitor.IsUp);
        ProbesWithin(monitor, TimeSpan.FromSeconds(1));
        Assert.False(monitor.IsUp);
    }

    [Fact]
    public void Without_an_interval_nobody_is_asked()
    {
        PeerMonitor monitor = CreateAnswered(TimeSpan.Zero);
        Flow(monitor, 100, Pace);

        Assert.Empty(ProbesWithin(monitor, TimeSpan.FromSeconds(60)));
    }

    private PeerMonitor CreateAnswered(TimeSpan? dpdInterval = null)
    {
        var monitor = new PeerMonitor(
            new PeerMonitorOptions
            {
                InitialEndpoint = Home,
                CanProbe = true,
                HasReplayWindow = true,
                DpdInterval = dpdInterval ?? TimeSpan.FromSeconds(10),
                DpdMisses = 3,
            },
            _now);
        Answer(monitor, Tick(monitor).Probe!.Value);
        _now += PeerMonitor.ProbeSpacing;
        return monitor;
    }

    private void Flow(PeerMonitor monitor, int packets, TimeSpan pace)
    {
        for (int i = 0; i < packets; i++)
        {
            _now += pace;
            monitor.NoteFresh(Home, 100, isNewest: true, _now);
            Assert.Null(Tick(monitor).Probe);
        }
    }

    /// <summary>Ticks all the while, and once more at the end.</summary>
    private List<Probe> ProbesWithin(PeerMonitor monitor, TimeSpan duration)
    {
        var probes = new List<Probe>();
        for (TimeSpan end = _now + duration; _now < end;)
        {
            TimeSpan left = end - _now;
            _now += left < Pace ? left : Pace;
            if (Tick(monitor).Probe is Probe probe)
            {
                probes.Add(probe);
            }
        }

        return probes;
    }

    private void Answer(PeerMonitor monitor, Probe probe)
    {
        Assert.True(monitor.TryTakeAnswer(probe.Bits, _now, out Probe taken));
        monitor.NoteAnswer(taken, Home, 100, synchronisation: null, _now);
    }

    private PeerAction Tick(PeerMonitor monitor) => monitor.Tick(_now, _nextBits++, windowVersion: 0);
}
