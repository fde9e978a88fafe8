using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Tests.Peers;

/// <summary>
/// A monitor that is ticked only when it is due or asked for attention does at every step what one does that is ticked at all of
/// them, whatever happens to both.
/// </summary>
public sealed class PeerMonitorDueTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly OuterEndpoint Home = new(IpAddress.Parse("192.0.2.1"), 1100);
    private static readonly OuterEndpoint Away = new(IpAddress.Parse("198.51.100.9"), 1100);

    private TimeSpan _now = TimeSpan.FromHours(1);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Ticks_that_are_not_due_would_find_nothing(int seed)
    {
        var random = new Random(seed);
        PeerMonitorOptions options = Options(random);
        var always = new PeerMonitor(options, _now);
        var due = new PeerMonitor(options, _now);
        var attention = new PeerAttention(1, () => { });
        due.Report(attention, 0);
        var probes = new List<Probe>();
        int ticks = 0;
        double busyness = random.NextDouble() * random.NextDouble();
        const int Steps = 20 * 180;
        for (int step = 0; step < Steps; step++)
        {
            if (step % 200 == 0)
            {
                busyness = random.Next(3) == 0 ? 0 : random.NextDouble() * random.NextDouble();
            }

            if (random.NextDouble() < busyness)
            {
                Happen(random, probes, [always, due]);
            }

            PeerAction expected = always.Tick(_now, (UInt128)step + 1, windowVersion: 0);
            PeerAction actual = PeerAction.None;
            if (attention.Take(0) >= 0 || due.DueAt <= _now)
            {
                ticks++;
                actual = due.Tick(_now, (UInt128)step + 1, windowVersion: 0);
            }

            Assert.Equal((step, expected), (step, actual));
            Assert.Equal((step, always.IsUp, always.MarkMayServe, always.Route), (step, due.IsUp, due.MarkMayServe, due.Route));
            Assert.Equal(Events(always), Events(due));
            if (expected.Probe is Probe probe)
            {
                probes.Add(probe);
            }

            if (expected != PeerAction.None && random.Next(8) > 0)
            {
                // What was asked to be sent may find no way out.
                Array.ForEach([always, due], monitor => monitor.NoteSent(_now));
            }

            _now += Step;
        }

        Assert.True(ticks < Steps, "never at rest");
    }

    [Fact]
    public void An_idle_peer_is_due_when_its_interval_ends_and_at_no_time_before()
    {
        PeerMonitor monitor = CreateIdle();

        Assert.Equal(_now + TimeSpan.FromSeconds(10), monitor.DueAt);
    }

    [Fact]
    public void A_peer_that_waits_to_be_heard_of_is_never_due()
    {
        var monitor = new PeerMonitor(TestPeers.Watched with { InitialEndpoint = null, Framing = null, NeedsSynchronisation = true }, _now);

        monitor.Tick(_now, bits: 1, windowVersion: 0);

        Assert.Equal(TimeSpan.MaxValue, monitor.DueAt);
    }

    [Fact]
    public void Packets_of_a_flow_ask_for_attention_once_for_each_silence_that_could_end_it()
    {
        PeerMonitor monitor = CreateIdle();
        int wakes = 0;
        var attention = new PeerAttention(1, () => wakes++);
        monitor.Report(attention, 0);

        for (int i = 0; i < 1000; i++)
        {
            monitor.NoteFresh(Home, 100, isNewest: true, _now);
        }

        Assert.Equal(1, wakes);
        Assert.Equal(0, attention.Take(0));
        monitor.Tick(_now, bits: 2, windowVersion: 0);
        Assert.Equal(_now + FlowWatch.Patience, monitor.DueAt);
    }

    private PeerMonitor CreateIdle()
    {
        var monitor = new PeerMonitor(TestPeers.Watched, _now);
        monitor.Tick(_now, bits: 1, windowVersion: 0);
        Assert.True(monitor.TryTakeAnswer(1, _now, out Probe probe));
        monitor.NoteAnswer(probe, Home, 100, synchronisation: null, _now);
        monitor.NoteSent(_now);
        monitor.Tick(_now, bits: 2, windowVersion: 0);
        return monitor;
    }

    private static PeerMonitorOptions Options(Random random) => new()
    {
        InitialEndpoint = random.Next(3) > 0 ? Home : null,
        Framing = random.Next(2) == 0 ? null : UdpFraming.NonIke,
        CanProbe = random.Next(5) > 0,
        HasReplayWindow = random.Next(5) > 0,
        NeedsSynchronisation = random.Next(2) == 0,
        Keepalive = TimeSpan.FromSeconds(random.Next(3) * 7),
        DpdInterval = TimeSpan.FromSeconds(random.Next(4) * 5),
        DpdMisses = random.Next(1, 4),
    };

    private void Happen(Random random, List<Probe> probes, PeerMonitor[] both)
    {
        OuterEndpoint source = random.Next(6) > 0 ? Home : Away;
        int octets = random.Next(40, 1000);
        bool isNewest = random.Next(4) > 0;
        int packets = random.Next(1, 6);
        Probe? awaited = probes.Count > 0 ? probes[Math.Max(0, probes.Count - 1 - random.Next(3))] : null;
        PeerEventKind? synchronisation = random.Next(4) == 0 ? PeerEventKind.Synchronised : null;
        int kind = random.Next(11);
        int mtu = random.Next(600, 1500);
        foreach (PeerMonitor monitor in both)
        {
            switch (kind)
            {
                case 0 or 1:
                    for (int i = 0; i < packets; i++)
                    {
                        monitor.NoteFresh(source, octets, isNewest, _now);
                    }

                    break;
                case 2:
                    monitor.NoteStale(source, octets, _now);
                    break;
                case 3:
                    monitor.NoteUnsynchronised(source, octets, _now);
                    break;
                case 4:
                    monitor.NoteAuthentic(source, octets, _now);
                    break;
                case 5:
                    monitor.NoteSent(_now);
                    break;
                case 6:
                    monitor.NoteLong();
                    break;
                case 7:
                    monitor.NoteSendRefused();
                    break;
                case 8 when packets == 1:
                    monitor.AssumeMtu(mtu);
                    break;
                case 9 when packets == 1:
                    monitor.NoteResolved(source, _now);
                    break;
                default:
                    if (awaited is Probe probe && monitor.TryTakeAnswer(probe.Bits, _now, out Probe taken))
                    {
                        monitor.NoteAnswer(taken, source, octets, synchronisation, _now);
                    }

                    break;
            }
        }
    }

    private static List<PeerEvent> Events(PeerMonitor monitor)
    {
        var events = new List<PeerEvent>();
        while (monitor.TryTakeEvent(out PeerEvent e))
        {
            events.Add(e);
        }

        return events;
    }
}
