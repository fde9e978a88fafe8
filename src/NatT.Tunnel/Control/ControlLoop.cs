using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Diagnosis;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Control;

/// <summary>
/// Ticks the monitors of peers that something is due for or happened to, sends what they find, and turns events into log lines.
/// </summary>
public sealed class ControlLoop
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    /// <summary>A peer that nothing is due for is looked at so often all the same: its keys may wear out.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan SummaryPeriod = TimeSpan.FromSeconds(60);

    private readonly List<Peer?> _peers = [];
    private readonly Stack<int> _freePlaces = [];
    private readonly ConcurrentQueue<Action> _changes = new();
    private readonly PeerRoster _roster;
    private readonly ControlPackets _queue;
    private readonly EntropySource _entropy;
    private readonly EndpointResolver _resolver;
    private readonly KernelQueues _kernelQueues;
    private readonly PathCounters[] _paths;
    private readonly DropSummary _drops;
    private readonly MismatchDiagnosis? _diagnosis;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HashSet<OutboundSecurityAssociation> _warnedOfKeys = [];
    private readonly PeerAttention _attention;
    private readonly PeerAgenda _agenda;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private TimeSpan _nextSummary;

    // Drawn once the last ones went out in a probe, not once a peer and tick.
    private UInt128? _probeBits;

    public ControlLoop(
        PeerRoster roster,
        ControlPackets queue,
        EntropySource entropy,
        EndpointResolver resolver,
        KernelQueues kernelQueues,
        DropSummary drops,
        TimeProvider time,
        ILogger logger,
        MismatchDiagnosis? diagnosis = null)
    {
        ArgumentNullException.ThrowIfNull(roster);
        _roster = roster;
        _queue = queue;
        _entropy = entropy;
        _resolver = resolver;
        _kernelQueues = kernelQueues;
        _paths = roster.PathCounters;
        _drops = drops;
        _diagnosis = diagnosis;
        _time = time;
        _logger = logger;
        _nextSummary = time.GetElapsedTime(0) + SummaryPeriod;
        _attention = new PeerAttention(roster.Table.Peers.Length, Wake);
        _agenda = new PeerAgenda(roster.Table.Peers.Length);
        Follow(roster.Table);
        roster.Replaced += Follow;
    }

    /// <summary>Peers looked at since the start, each time it was one.</summary>
    internal long Looks { get; private set; }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using ITimer timer = _time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            while (true)
            {
                TimeSpan started = _time.GetElapsedTime(0);
                TimeSpan rest = Tick(started) - _time.GetElapsedTime(0);
                timer.Change(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
                await _wake.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);

                // What happens time and again is looked at so often and no more.
                TimeSpan tooSoon = started + Period - _time.GetElapsedTime(0);
                if (tooSoon > TimeSpan.Zero)
                {
                    await Task.Delay(tooSoon, _time, cancellationToken).ConfigureAwait(false);
                    _wake.Reader.TryRead(out _);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }

        Finish();
    }

    /// <summary>Has <paramref name="change"/> done on the loop's own thread, before it looks at peers again.</summary>
    public Task DoAsync(Action change)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _changes.Enqueue(() =>
        {
            try
            {
                change();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        Wake();
        return done.Task;
    }

    /// <summary>Does what is due at <paramref name="now"/>, for those peers that something is due for or happened to; when to come again.</summary>
    internal TimeSpan Tick(TimeSpan now)
    {
        while (_changes.TryDequeue(out Action? change))
        {
            change();
        }

        for (int peer = 0; (peer = _attention.Take(peer)) >= 0;)
        {
            _agenda.Hasten(peer, now);
        }

        // Whoever finds no room stays due, and so comes first next time.
        while (_agenda.NextDue <= now && !_queue.IsFull)
        {
            int place = _agenda.Next;
            if (_peers[place] is not Peer peer)
            {
                _agenda.Set(place, TimeSpan.MaxValue);
                continue;
            }

            TimeSpan due = Tick(peer, now);
            _agenda.Set(place, TimeSpan.FromTicks(Math.Clamp(due.Ticks, (now + Period).Ticks, (now + LongestRest).Ticks)));
        }

        TimeSpan rosterDue = _roster.Tick(now);

        _kernelQueues.Tick(now);
        _diagnosis?.Tick(now);
        if (now >= _nextSummary)
        {
            _nextSummary = now + SummaryPeriod;
            LogDrops();
        }

        return Earlier(Earlier(_agenda.NextDue, rosterDue), Earlier(_kernelQueues.NextLook, _nextSummary));
    }

    /// <summary>When the peer is due again.</summary>
    private TimeSpan Tick(Peer peer, TimeSpan now)
    {
        Looks++;
        Act(peer, now);
        LogEvents(peer);
        TimeSpan due = _resolver.Tick(peer, now);
        OutboundSecurityAssociation outbound = peer.Carrier.Outbound;
        if (outbound.NeedsNewKeys && _warnedOfKeys.Add(outbound))
        {
            TunnelLog.NeedsNewKeys(_logger, peer.Name, outbound.Sequence.Next, outbound.Sequence.Maximum);
        }

        due = Earlier(due, peer.Monitor.DueAt);
        return peer.Rotation is KeyRotation rotation ? Earlier(due, Rotate(peer, rotation, now)) : due;
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private TimeSpan Rotate(Peer peer, KeyRotation rotation, TimeSpan now)
    {
        if (rotation.TryTakeMove())
        {
            TunnelLog.KeysMoved(_logger, peer.Name, rotation.Carrier.Keys.SpiOut);
        }

        if (rotation.Probed is Peer next && _roster.IsSettled && rotation.TryTakeProbe(now)
            && peer.Monitor.TryProbeNext(now, _probeBits ??= DrawProbeBits(), next.Inbound.WindowVersion, next.PairNumber) is Probe probe)
        {
            _probeBits = null;
            _queue.Enqueue(ProbePacket.Create(next, probe));
        }

        if (rotation.HasEnded(now))
        {
            _roster.AskForRetirement();
        }

        return rotation.DueAt;
    }

    /// <summary>Other peers, or the same described anew.</summary>
    private void Follow(PeerTable table)
    {
        var gone = new HashSet<int>(Enumerable.Range(0, _peers.Count));
        gone.ExceptWith(_freePlaces);
        List<Peer> added = [];
        foreach (Peer peer in table.Peers)
        {
            if (peer.Monitor.PlaceIn(_attention) is not int place)
            {
                added.Add(peer);
                continue;
            }

            gone.Remove(place);
            bool isSame = ReferenceEquals(_peers[place], peer);
            _peers[place] = peer;
            if (!isSame)
            {
                _attention.Ask(place);
            }
        }

        foreach (int place in gone)
        {
            _resolver.Forget(_peers[place]!.Monitor);
            LogEvents(_peers[place]!);
            _peers[place] = null;
            _freePlaces.Push(place);
        }

        foreach (Peer peer in added)
        {
            Seat(peer);
        }

        _diagnosis?.Follow(table);
        _drops.Follow([.. _paths, .. table.Peers.SelectMany(peer => new[] { peer.OutboundCounters, peer.InboundCounters })]);
    }

    private void Seat(Peer peer)
    {
        if (!_freePlaces.TryPop(out int place))
        {
            place = _peers.Count;
            _peers.Add(null);
            _attention.Grow(_peers.Count);
            _agenda.Grow(_peers.Count);
        }

        _peers[place] = peer;
        peer.Monitor.Report(_attention, place);
        _attention.Ask(place);
    }

    private void Act(Peer peer, TimeSpan now)
    {
        Peer carrier = peer.Carrier;
        PeerAction action = peer.Monitor.Tick(now, _probeBits ??= DrawProbeBits(), carrier.Inbound.WindowVersion, carrier.PairNumber);
        if (action.Probe is Probe probe)
        {
            _probeBits = null;
            _queue.Enqueue(ProbePacket.Create(carrier, probe));
        }
        else if (action.Keepalive is OuterEndpoint endpoint)
        {
            _queue.Enqueue(new ControlPacket(carrier, InnerPacket: null, endpoint, UdpFraming.Rfc3948));
        }
    }

    /// <summary>Any thread.</summary>
    private void Wake() => _wake.Writer.TryWrite(true);

    private UInt128 DrawProbeBits()
    {
        Span<byte> bits = stackalloc byte[ProbePacket.PayloadSize];
        _entropy(bits);
        return BinaryPrimitives.ReadUInt128BigEndian(bits);
    }

    private void LogEvents(Peer peer)
    {
        while (peer.Monitor.TryTakeEvent(out PeerEvent e))
        {
            switch (e.Kind)
            {
                case PeerEventKind.Up:
                    TunnelLog.PeerUp(_logger, peer.Name, e.Endpoint);
                    break;
                case PeerEventKind.UpAgain:
                    TunnelLog.PeerUpAgain(_logger, peer.Name, e.Endpoint);
                    break;
                case PeerEventKind.Lost:
                    TunnelLog.PeerLost(_logger, peer.Name, peer.DpdMisses, e.Endpoint);
                    break;
                case PeerEventKind.Moved:
                    TunnelLog.PeerMoved(_logger, peer.Name, e.Previous, e.Endpoint);
                    break;
                case PeerEventKind.Synchronised:
                    TunnelLog.Synchronised(_logger, peer.Name);
                    break;
                case PeerEventKind.SynchronisedByMark:
                    TunnelLog.SynchronisedByMark(_logger, peer.Name);
                    break;
                case PeerEventKind.CounterRestarted:
                    TunnelLog.CounterRestarted(_logger, peer.Name);
                    break;
                case PeerEventKind.PathMtuChanged:
                    TunnelLog.PathMtuChanged(_logger, peer.Name, peer.Monitor.Route.LargestInner);
                    break;
                case PeerEventKind.FramingPinned:
                    string framing = FramingNames.Of(peer.Monitor.Route.Framing);
                    TunnelLog.FramingPinned(_logger, peer.Name, framing);
                    break;
            }
        }
    }

    private void Finish()
    {
        foreach (Peer peer in _roster.Table.Peers)
        {
            LogEvents(peer);
        }

        _kernelQueues.Update();
        LogDrops();
    }

    private void LogDrops()
    {
        if (_drops.TakeNew() is string drops)
        {
            TunnelLog.Drops(_logger, drops);
        }
    }
}
