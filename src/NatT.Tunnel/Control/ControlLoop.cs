using System.Buffers.Binary;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Esp.Wire;
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

    private readonly PeerTable _peers;
    private readonly ControlPackets _queue;
    private readonly EntropySource _entropy;
    private readonly EndpointResolver _resolver;
    private readonly KernelQueues _kernelQueues;
    private readonly DropSummary _drops;
    private readonly MismatchDiagnosis? _diagnosis;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HashSet<Peer> _warnedOfKeys = [];
    private readonly PeerAttention _attention;
    private readonly PeerAgenda _agenda;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private TimeSpan _nextSummary;

    // Drawn once the last ones went out in a probe, not once a peer and tick.
    private UInt128? _probeBits;

    public ControlLoop(
        PeerTable peers,
        ControlPackets queue,
        EntropySource entropy,
        EndpointResolver resolver,
        KernelQueues kernelQueues,
        DropSummary drops,
        TimeProvider time,
        ILogger logger,
        MismatchDiagnosis? diagnosis = null)
    {
        _peers = peers;
        _queue = queue;
        _entropy = entropy;
        _resolver = resolver;
        _kernelQueues = kernelQueues;
        _drops = drops;
        _diagnosis = diagnosis;
        _time = time;
        _logger = logger;
        _nextSummary = time.GetElapsedTime(0) + SummaryPeriod;
        _attention = new PeerAttention(peers.Peers.Length, Wake);
        _agenda = new PeerAgenda(peers.Peers.Length);
        for (int i = 0; i < peers.Peers.Length; i++)
        {
            peers.Peers[i].Monitor.Report(_attention, i);
        }
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

    /// <summary>Does what is due at <paramref name="now"/>, for those peers that something is due for or happened to; when to come again.</summary>
    internal TimeSpan Tick(TimeSpan now)
    {
        for (int peer = 0; (peer = _attention.Take(peer)) >= 0;)
        {
            _agenda.Hasten(peer, now);
        }

        // Whoever finds no room stays due, and so comes first next time.
        while (_agenda.NextDue <= now && !_queue.IsFull)
        {
            int peer = _agenda.Next;
            TimeSpan due = Tick(_peers.Peers[peer], now);
            _agenda.Set(peer, TimeSpan.FromTicks(Math.Clamp(due.Ticks, (now + Period).Ticks, (now + LongestRest).Ticks)));
        }

        _kernelQueues.Tick(now);
        _diagnosis?.Tick(now);
        if (now >= _nextSummary)
        {
            _nextSummary = now + SummaryPeriod;
            LogDrops();
        }

        return TimeSpan.FromTicks(Math.Min(Math.Min(_agenda.NextDue.Ticks, _kernelQueues.NextLook.Ticks), _nextSummary.Ticks));
    }

    /// <summary>When the peer is due again.</summary>
    private TimeSpan Tick(Peer peer, TimeSpan now)
    {
        Looks++;
        Act(peer, now);
        LogEvents(peer);
        TimeSpan lookUpDue = _resolver.Tick(peer, now);
        if (peer.Outbound.NeedsNewKeys && _warnedOfKeys.Add(peer))
        {
            TunnelLog.NeedsNewKeys(_logger, peer.Name, peer.Outbound.Sequence.Next, peer.Outbound.Sequence.Maximum);
        }

        return lookUpDue < peer.Monitor.DueAt ? lookUpDue : peer.Monitor.DueAt;
    }

    private void Act(Peer peer, TimeSpan now)
    {
        PeerAction action = peer.Monitor.Tick(now, _probeBits ??= DrawProbeBits(), peer.Inbound.WindowVersion);
        if (action.Probe is Probe probe)
        {
            _probeBits = null;
            _queue.Enqueue(ProbePacket.Create(peer, probe));
        }
        else if (action.Keepalive is OuterEndpoint endpoint)
        {
            _queue.Enqueue(new ControlPacket(peer, InnerPacket: null, endpoint, UdpFraming.Rfc3948));
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
                    TunnelLog.FramingPinned(_logger, peer.Name, peer.Monitor.Route.Framing == UdpFraming.NonIke ? "espinudp-nonike" : "espinudp");
                    break;
            }
        }
    }

    private void Finish()
    {
        foreach (Peer peer in _peers.Peers)
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
