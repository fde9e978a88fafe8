using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using NatT.Tunnel.Control;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.DataPath.Lab;
using NatT.Tunnel.Tests.Peers;

namespace NatT.Tunnel.Tests.Control;

/// <summary>The control loop over ten thousand peers.</summary>
public sealed class ManyPeersTests : IDisposable
{
    private const int Count = 10_000;

    /// <summary>A tick that took its whole period would leave no time between two; the figure to watch is the one printed.</summary>
    private static readonly TimeSpan LongestTick = TimeSpan.FromMilliseconds(50);

    private readonly TestPeers _peers = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ControlPackets _queue = new(() => { });
    private int _drawn;

    public void Dispose() => _peers.Dispose();

    [Fact]
    public void A_tick_over_idle_peers_is_short_and_draws_no_random_bits()
    {
        using var table = new PeerTable(_peers.CreateIdle(Count, TimeSpan.Zero));
        ControlLoop loop = Create(table);
        TimeSpan now = TimeSpan.FromSeconds(1);
        loop.Tick(now);
        TimeSpan[] ticks = [.. Enumerable.Range(0, 51).Select(_ => Time(() => loop.Tick(now))).Order()];

        // Whatever else runs on the machine can only make it longer.
        Console.WriteLine($"  measured: a tick over {Count} idle peers takes {ticks[0].TotalMilliseconds:F2} ms, {ticks[25].TotalMilliseconds:F2} ms in the median");
        Assert.True(ticks[0] < LongestTick, $"{ticks[0].TotalMilliseconds} ms");
        Assert.True(_drawn <= 1, $"{_drawn} draws without a probe");
        Assert.False(_queue.TryDequeue(out _));
    }

    [Fact]
    public void An_idle_peer_is_looked_at_when_its_interval_ends_and_at_no_time_before()
    {
        Peer[] peers = _peers.CreateIdle(Count, TimeSpan.Zero);
        using var table = new PeerTable(peers);
        ControlLoop loop = Create(table);
        loop.Tick(TimeSpan.FromSeconds(1));
        Assert.Equal(Count, loop.Looks);

        TimeSpan next = TimeSpan.Zero;
        for (TimeSpan now = TimeSpan.FromSeconds(1); now < TimeSpan.FromSeconds(9.9); now += TimeSpan.FromMilliseconds(50))
        {
            next = loop.Tick(now);
        }

        Assert.Equal(Count, loop.Looks);
        Assert.Equal(TimeSpan.FromSeconds(10), next);
    }

    [Fact]
    public void A_peer_that_something_happened_to_is_looked_at_and_no_other()
    {
        Peer[] peers = _peers.CreateIdle(Count, TimeSpan.Zero);
        using var table = new PeerTable(peers);
        ControlLoop loop = Create(table);
        loop.Tick(TimeSpan.FromSeconds(2));
        long before = loop.Looks;

        peers[0].Monitor.AskForProbe();
        peers[64].Monitor.AskForProbe();
        peers[Count - 1].Monitor.AskForProbe();
        loop.Tick(TimeSpan.FromSeconds(3));

        Assert.Equal(before + 3, loop.Looks);
        Assert.Equal([peers[0], peers[64], peers[Count - 1]], Sent().Order(Comparer<Peer>.Create(
            (one, other) => Array.IndexOf(peers, one) - Array.IndexOf(peers, other))));
    }

    [Fact]
    public void Probes_due_all_at_once_wait_for_room_and_are_all_sent_in_turn()
    {
        using var table = new PeerTable(_peers.CreateIdle(Count, TimeSpan.Zero));
        ControlLoop loop = Create(table);
        var probed = new HashSet<Peer>();
        TimeSpan now = TimeSpan.FromSeconds(10);

        for (int tick = 0; tick < 50 && probed.Count < Count; tick++)
        {
            loop.Tick(now);
            while (_queue.TryDequeue(out ControlPacket packet))
            {
                Assert.True(probed.Add(packet.Peer), "one was probed again before all were");
            }
        }

        Assert.Equal(Count, probed.Count);
        Assert.InRange(_drawn, Count, Count + 1);
    }

    [Fact]
    public void Peers_there_was_no_room_for_at_the_start_are_due_at_a_time_that_can_be_counted_from()
    {
        using var table = new PeerTable(_peers.CreateIdle(Count, TimeSpan.Zero));
        ControlLoop loop = Create(table);
        var now = TimeSpan.FromSeconds(10);

        TimeSpan rest = loop.Tick(now) - now;

        Assert.True(_queue.IsFull);
        Assert.True(rest <= TimeSpan.Zero, $"{rest}");
    }

    private IEnumerable<Peer> Sent()
    {
        while (_queue.TryDequeue(out ControlPacket packet))
        {
            yield return packet.Peer;
        }
    }

    private static TimeSpan Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start);
    }

    private ControlLoop Create(PeerTable table)
    {
        var resolver = new EndpointResolver((_, _) => Task.FromResult<IPAddress[]>([]), _time, NullLogger.Instance);
        var device = new InMemoryTunDevice();
        InMemorySocket socket = new InMemoryNetwork().Bind(EndConf.OuterA);
        var kernelQueues = new KernelQueues(device, socket, new PathCounters(), new PathCounters(), NullLogger.Instance);
        var roster = new PeerRoster(
            table,
            new OutboundPath(device, socket, table, _queue, _time),
            new InboundPath(device, socket, table, _queue, _time),
            () => { },
            null!,
            NullLogger.Instance);
        return new ControlLoop(roster, _queue, Draw, resolver, kernelQueues, new DropSummary([]), _time, NullLogger.Instance);
    }

    private void Draw(Span<byte> octets)
    {
        _drawn++;
        octets.Fill((byte)_drawn);
    }
}
