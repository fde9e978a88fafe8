using System.Buffers.Binary;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Control;

/// <summary>Ticks every peer's monitor, sends what is due, and turns events into log lines.</summary>
public sealed class ControlLoop
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SummaryPeriod = TimeSpan.FromSeconds(60);

    private readonly PeerTable _peers;
    private readonly ControlPackets _queue;
    private readonly EntropySource _entropy;
    private readonly EndpointResolver _resolver;
    private readonly KernelQueues _kernelQueues;
    private readonly DropSummary _drops;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HashSet<Peer> _warnedOfKeys = [];
    private TimeSpan _nextSummary;
    private int _first;

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
        ILogger logger)
    {
        _peers = peers;
        _queue = queue;
        _entropy = entropy;
        _resolver = resolver;
        _kernelQueues = kernelQueues;
        _drops = drops;
        _time = time;
        _logger = logger;
        _nextSummary = time.GetElapsedTime(0) + SummaryPeriod;
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, _time);
        try
        {
            do
            {
                Tick(_time.GetElapsedTime(0));
            }
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
        }

        Finish();
    }

    /// <summary>Does what is due at <paramref name="now"/>.</summary>
    internal void Tick(TimeSpan now)
    {
        ImmutableArray<Peer> peers = _peers.Peers;
        int first = _first;
        bool hasRoom = true;
        for (int i = 0; i < peers.Length; i++)
        {
            int index = (first + i) % peers.Length;
            if (hasRoom && _queue.IsFull)
            {
                // Whoever found no room comes first next time.
                hasRoom = false;
                _first = index;
            }

            Tick(peers[index], hasRoom, now);
        }

        _kernelQueues.Tick(now);
        if (now >= _nextSummary)
        {
            _nextSummary = now + SummaryPeriod;
            LogDrops();
        }
    }

    private void Tick(Peer peer, bool maySend, TimeSpan now)
    {
        if (maySend)
        {
            Act(peer, now);
        }

        LogEvents(peer);
        _resolver.Tick(peer, now);
        if (peer.Outbound.NeedsNewKeys && _warnedOfKeys.Add(peer))
        {
            TunnelLog.NeedsNewKeys(_logger, peer.Name, peer.Outbound.Sequence.Next, peer.Outbound.Sequence.Maximum);
        }
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
