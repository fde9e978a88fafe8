using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Tests.Peers;

public sealed class PeerMonitorTests
{
    private static readonly OuterEndpoint Home = Endpoint("192.0.2.1");
    private static readonly OuterEndpoint Away = Endpoint("198.51.100.9");
    private static readonly OuterEndpoint Elsewhere = Endpoint("203.0.113.5");

    private TimeSpan _now = TimeSpan.FromHours(1);
    private UInt128 _nextBits = 1;

    [Fact]
    public void A_known_peer_is_probed_at_once()
    {
        PeerMonitor monitor = Create();

        Assert.Equal(Home, Tick(monitor).Probe!.Value.Target);
    }

    [Fact]
    public void An_unknown_peer_is_neither_probed_nor_kept_alive()
    {
        PeerMonitor monitor = Create(o => o with { InitialEndpoint = null });

        _now += TimeSpan.FromMinutes(5);

        Assert.Equal(PeerAction.None, Tick(monitor));
    }

    [Fact]
    public void No_two_probes_go_within_a_second_whatever_asks_for_them()
    {
        PeerMonitor monitor = Create();
        Tick(monitor);

        monitor.AskForProbe();
        monitor.NoteFresh(Away, 1000, isNewest: true, _now);
        _now += TimeSpan.FromMilliseconds(999);
        Assert.Null(Tick(monitor).Probe);

        _now += TimeSpan.FromMilliseconds(1);
        Assert.NotNull(Tick(monitor).Probe);
    }

    [Fact]
    public void An_idle_peer_is_probed_after_the_interval_and_lost_after_three_misses()
    {
        PeerMonitor monitor = CreateAnswered();
        _now += TimeSpan.FromSeconds(9);
        Assert.Null(Tick(monitor).Probe);

        _now += TimeSpan.FromSeconds(1);
        for (int i = 0; i < 3; i++)
        {
            Assert.NotNull(Tick(monitor).Probe);
            Assert.True(monitor.IsUp);
            _now += TimeSpan.FromSeconds(1);
        }

        Tick(monitor);
        Assert.False(monitor.IsUp);
        Assert.Equal([PeerEventKind.Lost], Events(monitor));
    }

    [Fact]
    public void A_lost_peer_is_still_routed_to_and_probed_and_comes_up_again()
    {
        PeerMonitor monitor = CreateAnswered();
        Lose(monitor);

        Assert.Equal(Home, monitor.Route.Endpoint);
        Probe? probe = null;
        for (int i = 0; i < 20 && probe is null; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            probe = Tick(monitor).Probe;
        }

        Answer(monitor, probe!.Value, Home);
        Assert.Equal(PeerEventKind.UpAgain, Events(monitor)[^1]);
    }

    [Fact]
    public void Without_an_interval_an_idle_peer_is_neither_probed_nor_lost()
    {
        PeerMonitor monitor = CreateAnswered(o => o with { DpdInterval = TimeSpan.Zero });

        for (int i = 0; i < 100; i++)
        {
            _now += TimeSpan.FromSeconds(10);
            Assert.Null(Tick(monitor).Probe);
        }

        Assert.True(monitor.IsUp);
    }

    [Fact]
    public void Fresh_packets_keep_a_peer_alive_without_probes()
    {
        PeerMonitor monitor = CreateAnswered();

        for (int i = 0; i < 60; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            monitor.NoteFresh(Home, 100, isNewest: true, _now);
            Assert.Null(Tick(monitor).Probe);
        }

        Assert.True(monitor.IsUp);
    }

    [Fact]
    public void An_answer_counts_once()
    {
        PeerMonitor monitor = Create();
        Probe probe = Tick(monitor).Probe!.Value;

        Assert.True(monitor.TryTakeAnswer(probe.Bits, _now, out _));
        Assert.False(monitor.TryTakeAnswer(probe.Bits, _now, out _));
    }

    [Fact]
    public void An_answer_that_took_too_long_counts_for_nothing()
    {
        PeerMonitor monitor = Create();
        Probe probe = Tick(monitor).Probe!.Value;

        Assert.False(monitor.TryTakeAnswer(probe.Bits, _now + ProbeLedger.Lifetime + TimeSpan.FromMilliseconds(1), out _));
    }

    [Fact]
    public void Probes_alternate_their_framing_until_an_answer_pins_it()
    {
        PeerMonitor monitor = Create();
        Probe first = Tick(monitor).Probe!.Value;
        _now += TimeSpan.FromSeconds(1);
        Probe second = Tick(monitor).Probe!.Value;
        Assert.Equal(UdpFraming.Rfc3948, first.Framing);
        Assert.Equal(UdpFraming.NonIke, second.Framing);

        Answer(monitor, second, Home);

        Assert.Equal(UdpFraming.NonIke, monitor.Route.Framing);
        monitor.AskForProbe();
        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(UdpFraming.NonIke, Tick(monitor).Probe!.Value.Framing);
    }

    [Fact]
    public void A_configured_framing_is_never_left()
    {
        PeerMonitor monitor = Create(o => o with { Framing = UdpFraming.NonIke });

        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(UdpFraming.NonIke, Tick(monitor).Probe!.Value.Framing);
            monitor.AskForProbe();
            _now += TimeSpan.FromSeconds(1);
        }
    }

    [Fact]
    public void A_packet_from_a_new_address_only_nominates_it()
    {
        PeerMonitor monitor = CreateAnswered();

        monitor.NoteFresh(Away, 1000, isNewest: true, _now);

        Assert.Equal(Home, monitor.Route.Endpoint);
    }

    [Fact]
    public void A_candidate_becomes_the_endpoint_by_answering_from_where_it_was_probed()
    {
        PeerMonitor monitor = CreateAnswered();
        monitor.NoteFresh(Away, 1000, isNewest: true, _now);
        _now += TimeSpan.FromSeconds(1);
        Probe probe = Tick(monitor).Probe!.Value;
        Assert.Equal(Away, probe.Target);

        Answer(monitor, probe, Away);

        Assert.Equal(Away, monitor.Route.Endpoint);
        Assert.Contains(PeerEventKind.Moved, Events(monitor));
    }

    [Fact]
    public void A_peer_that_moves_again_is_followed_as_soon_as_the_first_time()
    {
        PeerMonitor monitor = CreateAnswered();
        foreach (OuterEndpoint place in new[] { Away, Elsewhere })
        {
            _now += TimeSpan.FromSeconds(1);
            monitor.NoteFresh(place, 1000, isNewest: true, _now);
            Probe probe = Tick(monitor).Probe!.Value;
            Assert.Equal(place, probe.Target);
            Answer(monitor, probe, place);
        }
    }

    [Fact]
    public void An_answer_from_elsewhere_than_its_probe_went_confirms_no_endpoint()
    {
        PeerMonitor monitor = CreateAnswered();
        monitor.NoteFresh(Away, 1000, isNewest: true, _now);
        _now += TimeSpan.FromSeconds(1);
        Probe probe = Tick(monitor).Probe!.Value;

        Answer(monitor, probe, Elsewhere);

        Assert.Equal(Home, monitor.Route.Endpoint);
    }

    [Fact]
    public void A_packet_that_is_not_the_newest_nominates_nobody()
    {
        PeerMonitor monitor = CreateAnswered();

        monitor.NoteFresh(Away, 1000, isNewest: false, _now);
        _now += TimeSpan.FromSeconds(1);

        Assert.Null(Tick(monitor).Probe);
    }

    [Fact]
    public void A_stale_packet_nominates_only_where_the_peer_fell_silent()
    {
        PeerMonitor monitor = CreateAnswered();
        _now += TimeSpan.FromMilliseconds(999);
        monitor.NoteStale(Away, 1000, _now);
        _now += TimeSpan.FromMilliseconds(1);
        Assert.Equal(Home, Tick(monitor).Probe!.Value.Target);

        monitor.NoteStale(Away, 1000, _now);
        _now += TimeSpan.FromSeconds(1);

        Assert.Equal(Away, Tick(monitor).Probe!.Value.Target);
    }

    [Fact]
    public void A_candidate_gets_no_more_than_three_times_what_it_sent()
    {
        PeerMonitor monitor = CreateAnswered(o => o with { ProbeOctets = 150 });
        monitor.NoteFresh(Away, 100, isNewest: true, _now);

        int probes = 0;
        for (int i = 0; i < 8; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            monitor.NoteFresh(Home, 100, isNewest: true, _now);
            probes += Tick(monitor).Probe is Probe probe && probe.Target == Away ? 1 : 0;
        }

        Assert.Equal(2, probes);
    }

    [Fact]
    public void A_candidate_keeps_no_probe_from_the_endpoint()
    {
        PeerMonitor monitor = Create(o => o with { NeedsSynchronisation = true });

        var targets = new List<OuterEndpoint>();
        for (int i = 0; i < 6; i++)
        {
            targets.Add(Tick(monitor).Probe!.Value.Target);
            monitor.NoteAuthentic(Away, 1000, _now);
            _now += TimeSpan.FromSeconds(1);
        }

        Assert.Equal([Home, Away, Home, Away, Home, Away], targets);
    }

    [Fact]
    public void The_silence_of_a_candidate_is_no_miss_of_the_peer()
    {
        PeerMonitor monitor = Create(o => o with { NeedsSynchronisation = true });
        for (int i = 0; i < 4; i++)
        {
            Tick(monitor);
            monitor.NoteUnsynchronised(Away, 1000, _now);
            _now += TimeSpan.FromSeconds(1);
        }

        Tick(monitor);

        Assert.False(monitor.MarkMayServe);
    }

    [Fact]
    public void A_peer_that_never_answered_moves_on_a_newest_packet_alone()
    {
        PeerMonitor monitor = Create();

        monitor.NoteFresh(Away, 100, isNewest: true, _now);

        Assert.Equal(Away, monitor.Route.Endpoint);
    }

    [Fact]
    public void A_peer_that_never_answered_moves_at_most_once_a_second()
    {
        PeerMonitor monitor = Create();
        int moves = 0;

        for (int i = 0; i < 100; i++)
        {
            monitor.NoteFresh(i % 2 == 0 ? Away : Elsewhere, 100, isNewest: true, _now);
            _now += TimeSpan.FromMilliseconds(30);
            moves += Events(monitor).Count(kind => kind == PeerEventKind.Moved);
        }

        Assert.InRange(moves, 1, 3);
    }

    [Fact]
    public void A_late_answer_from_where_the_peer_was_does_not_move_it_back()
    {
        PeerMonitor monitor = CreateAnswered();
        monitor.AskForProbe();
        _now += TimeSpan.FromSeconds(1);
        Probe toHome = Tick(monitor).Probe!.Value;
        Assert.Equal(Home, toHome.Target);
        monitor.NoteFresh(Away, 1000, isNewest: true, _now);
        _now += TimeSpan.FromSeconds(1);
        Probe toAway = Tick(monitor).Probe!.Value;
        Answer(monitor, toAway, Away);

        Answer(monitor, toHome, Home);

        Assert.Equal(Away, monitor.Route.Endpoint);
    }

    [Fact]
    public void Where_no_endpoint_is_known_the_first_fresh_packet_sets_it()
    {
        PeerMonitor monitor = Create(o => o with { InitialEndpoint = null });

        monitor.NoteFresh(Away, 100, isNewest: true, _now);

        Assert.Equal(Away, monitor.Route.Endpoint);
        Assert.Equal([PeerEventKind.Up], Events(monitor));
    }

    [Fact]
    public void Without_a_window_a_bare_packet_proves_neither_life_nor_place()
    {
        PeerMonitor monitor = Create(o => o with { InitialEndpoint = null, HasReplayWindow = false });

        monitor.NoteFresh(Away, 1000, isNewest: true, _now);

        Assert.Null(monitor.Route.Endpoint);
        Assert.False(monitor.IsUp);
        Probe probe = Tick(monitor).Probe!.Value;
        Answer(monitor, probe, Away);
        Assert.Equal(Away, monitor.Route.Endpoint);
        Assert.True(monitor.IsUp);
    }

    [Fact]
    public void The_durable_mark_never_serves_a_peer_that_is_not_there_yet()
    {
        PeerMonitor monitor = Create(o => o with { NeedsSynchronisation = true });

        for (int i = 0; i < 100; i++)
        {
            Tick(monitor);
            _now += TimeSpan.FromSeconds(1);
        }

        Assert.False(monitor.MarkMayServe);
    }

    [Fact]
    public void The_durable_mark_may_serve_once_all_probes_to_a_peer_that_sends_went_unanswered()
    {
        PeerMonitor monitor = Create(o => o with { NeedsSynchronisation = true });
        monitor.NoteUnsynchronised(Home, 100, _now);

        for (int i = 0; i < 3; i++)
        {
            Assert.False(monitor.MarkMayServe);
            Assert.NotNull(Tick(monitor).Probe);
            _now += TimeSpan.FromSeconds(1);
        }

        Tick(monitor);
        Assert.True(monitor.MarkMayServe);
        _now += TimeSpan.FromMilliseconds(50);
        Tick(monitor);
        Assert.True(monitor.MarkMayServe);
    }

    [Fact]
    public void The_durable_mark_never_serves_a_peer_that_answers()
    {
        PeerMonitor monitor = Create(o => o with { NeedsSynchronisation = true });
        monitor.NoteUnsynchronised(Home, 100, _now);
        Answer(monitor, Tick(monitor).Probe!.Value, Home);

        for (int i = 0; i < 100; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            Tick(monitor);
        }

        Assert.False(monitor.MarkMayServe);
    }

    [Fact]
    public void After_a_window_started_over_earlier_probes_prove_nothing()
    {
        PeerMonitor monitor = CreateAnswered();
        monitor.AskForProbe();
        _now += TimeSpan.FromSeconds(1);
        Probe first = Tick(monitor).Probe!.Value;
        monitor.AskForProbe();
        _now += TimeSpan.FromSeconds(1);
        Probe second = Tick(monitor).Probe!.Value;

        Answer(monitor, first, Home, PeerEventKind.CounterRestarted);

        Assert.False(monitor.TryTakeAnswer(second.Bits, _now, out _));
    }

    [Fact]
    public void A_keepalive_goes_only_when_nothing_else_was_sent()
    {
        PeerMonitor monitor = CreateAnswered(o => o with { DpdInterval = TimeSpan.Zero });
        _now += TimeSpan.FromSeconds(15);
        monitor.NoteSent(_now);
        _now += TimeSpan.FromSeconds(19);
        Assert.Equal(PeerAction.None, Tick(monitor));

        _now += TimeSpan.FromSeconds(1);

        Assert.Equal(Home, Tick(monitor).Keepalive);
    }

    private static OuterEndpoint Endpoint(string address) => new(IpAddress.Parse(address), 1100);

    private static List<PeerEventKind> Events(PeerMonitor monitor)
    {
        var kinds = new List<PeerEventKind>();
        while (monitor.TryTakeEvent(out PeerEvent e))
        {
            kinds.Add(e.Kind);
        }

        return kinds;
    }

    private PeerMonitor Create(Func<PeerMonitorOptions, PeerMonitorOptions>? change = null)
    {
        var options = new PeerMonitorOptions
        {
            InitialEndpoint = Home,
            CanProbe = true,
            HasReplayWindow = true,
            Keepalive = TimeSpan.FromSeconds(20),
            DpdInterval = TimeSpan.FromSeconds(10),
            DpdMisses = 3,
        };
        return new PeerMonitor(change is null ? options : change(options), _now);
    }

    /// <summary>A peer at home that answered its first probe, a second ago.</summary>
    private PeerMonitor CreateAnswered(Func<PeerMonitorOptions, PeerMonitorOptions>? change = null)
    {
        PeerMonitor monitor = Create(change);
        Answer(monitor, Tick(monitor).Probe!.Value, Home);
        Events(monitor);
        return monitor;
    }

    private void Answer(PeerMonitor monitor, Probe probe, OuterEndpoint from, PeerEventKind? synchronisation = null)
    {
        Assert.True(monitor.TryTakeAnswer(probe.Bits, _now, out Probe taken));
        monitor.NoteAnswer(taken, from, 100, synchronisation, _now);
    }

    private void Lose(PeerMonitor monitor)
    {
        for (int i = 0; i < 20; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            Tick(monitor);
        }

        Assert.False(monitor.IsUp);
        Events(monitor);
    }

    private PeerAction Tick(PeerMonitor monitor) => monitor.Tick(_now, _nextBits++, windowVersion: 0);
}
