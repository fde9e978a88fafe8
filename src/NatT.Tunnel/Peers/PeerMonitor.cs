using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Peers;

/// <summary>
/// Knows where a peer is, how to frame for it and whether it lives, and when to probe for any of these. Sans-I/O: time
/// comes in, a probe or keepalive to send comes out of <see cref="Tick"/>.
/// </summary>
/// <remarks>
/// Shared by the inbound thread (packets, answers), the outbound thread (<see cref="Route"/>, <see cref="NoteSent"/>) and
/// the control loop (ticks). Ordinary packets cost two volatile accesses; whatever changes state takes the lock.
/// </remarks>
public sealed partial class PeerMonitor
{
    /// <summary>A peer gets at most one probe in this time, whatever for.</summary>
    public static readonly TimeSpan ProbeSpacing = TimeSpan.FromSeconds(1);

    /// <summary>A peer that answers no probes moves at most once in this time.</summary>
    private static readonly TimeSpan MoveSpacing = TimeSpan.FromSeconds(1);

    /// <summary>After so many unanswered probes in a row they go at the idle pace.</summary>
    private const int EagerProbes = 10;

    private static readonly TimeSpan DefaultIdlePace = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private PeerMonitorOptions _options;
    private readonly EndpointTracker _endpoint = new();
    private readonly ProbeLedger _probes = new();
    private readonly FlowWatch _flow = new();
    private FramingTracker _framing;
    private readonly SynchronisationWait _synchronisation;
    private readonly Queue<PeerEvent> _events = new();

    // Of the next pair of SAs: its silence says nothing about the peer.
    private ProbeLedger? _nextProbes;

    private PeerRoute _route;
    private bool _hasAnswered;
    private bool _probeAsked = true;
    private bool _isUp;
    private bool _wasUp;
    private bool _isAwaitingAnswer;
    private int _misses;
    private TimeSpan _movedAt;
    private long _lastHeardTicks;
    private long _lastSentTicks;

    public PeerMonitor(PeerMonitorOptions options, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _path = new PathMtu(options.OmittedHeaderSize);
        _movedAt = now - MoveSpacing;
        _lastHeardTicks = now.Ticks;
        _lastSentTicks = now.Ticks;
        _synchronisation = new SynchronisationWait(options.NeedsSynchronisation);
        _framing = new FramingTracker(options.Framing);
        if (options.InitialEndpoint is OuterEndpoint endpoint)
        {
            _endpoint.MoveTo(endpoint);
        }

        _route = CurrentRoute();
    }

    /// <summary>Where traffic goes now. Any thread.</summary>
    public PeerRoute Route => Volatile.Read(ref _route);

    /// <summary>Whether the peer was heard and not lost since. Any thread.</summary>
    public bool IsUp => Volatile.Read(ref _isUp);

    /// <summary>Whether probing for fresh numbers failed, so that the durable mark may stand in for an answer. Any thread.</summary>
    public bool MarkMayServe => _synchronisation.MarkMayServe;

    /// <summary>The only framing that the conf allows to send in; null: what is answered.</summary>
    public UdpFraming? ConfiguredFraming => _options.Framing;

    /// <summary>What an operator asks about it. Any thread.</summary>
    public PeerSight Sight
    {
        get
        {
            lock (_gate)
            {
                TimeSpan? lastHeardAt = _wasUp ? TimeSpan.FromTicks(Volatile.Read(ref _lastHeardTicks)) : null;
                return new PeerSight(_isUp, lastHeardAt, _probes.Sent, _probes.LastSentAt, _probes.LastAnswer);
            }
        }
    }

    /// <summary>Outbound thread: reads what the next packet needs, and nothing else.</summary>
    internal void FetchOutbound()
    {
        _ = Route.LargestInner;
        _ = Volatile.Read(ref _lastSentTicks);
    }

    /// <summary>Inbound thread: as <see cref="FetchOutbound"/>.</summary>
    internal void FetchInbound()
    {
        _ = Route.Endpoint;
        _ = Volatile.Read(ref _lastHeardTicks);
        _ = Volatile.Read(ref _isFlowWatched);
        _ = _flow.HasUnjudged;
        _ = _options.HasReplayWindow;
    }

    /// <summary>Outbound thread: something was sent, so that no keepalive is due.</summary>
    public void NoteSent(TimeSpan now) => Volatile.Write(ref _lastSentTicks, now.Ticks);

    /// <summary>Inbound thread: an authentic packet passed every check, its number fresh.</summary>
    /// <param name="source">Where it came from.</param>
    /// <param name="octets">Octets of the datagram.</param>
    /// <param name="isNewest">No packet had a higher number.</param>
    /// <param name="now">Monotonic time.</param>
    public void NoteFresh(OuterEndpoint source, int octets, bool isNewest, TimeSpan now)
    {
        if (!_options.HasReplayWindow)
        {
            // Nothing tells a replay from a fresh packet: it proves neither life nor place.
            NoteAuthentic(source, octets, now);
            return;
        }

        Volatile.Write(ref _lastHeardTicks, now.Ticks);
        _flow.NotePacket();
        if (!Volatile.Read(ref _isFlowWatched))
        {
            Volatile.Write(ref _isFlowWatched, true);
            AskForAttention();
        }

        if (_isUp && !_isAwaitingAnswer && source == Route.Endpoint)
        {
            return;
        }

        lock (_gate)
        {
            NoteAlive();
            if (isNewest && source != _endpoint.Current)
            {
                // Without answers its packets are all there is to follow, but not to and fro with every one of them.
                bool mayFollow = !_hasAnswered && now - _movedAt >= MoveSpacing;
                if (_endpoint.Current is null || mayFollow)
                {
                    MoveTo(source, now);
                }
                else
                {
                    _endpoint.Nominate(source, octets, now);
                }
            }

            NoteUp();
        }

        AskForAttention();
    }

    /// <summary>Inbound thread: an authentic packet of unknown freshness may only point to where an answer could come from.</summary>
    public void NoteAuthentic(OuterEndpoint source, int octets, TimeSpan now)
    {
        if (source == Route.Endpoint)
        {
            return;
        }

        lock (_gate)
        {
            _endpoint.Nominate(source, octets, now);
        }

        AskForAttention();
    }

    /// <summary>Inbound thread: an authentic packet came before it is known which numbers are fresh.</summary>
    public void NoteUnsynchronised(OuterEndpoint source, int octets, TimeSpan now)
    {
        lock (_gate)
        {
            if (_synchronisation.TryNotePresent(now))
            {
                AskForProbe();
            }

            if (source != _endpoint.Current)
            {
                _endpoint.Nominate(source, octets, now);
            }
        }

        AskForAttention();
    }

    /// <summary>Inbound thread: an authentic packet was too old or seen; a probe will tell whether the peer started over.</summary>
    public void NoteStale(OuterEndpoint source, int octets, TimeSpan now)
    {
        AskForProbe();
        TimeSpan silence = now - TimeSpan.FromTicks(Volatile.Read(ref _lastHeardTicks));
        if (silence >= ProbeSpacing)
        {
            // It may have started over behind another address. A peer that is still heard did not.
            NoteAuthentic(source, octets, now);
        }
    }

    /// <summary>Any thread: only a probe can tell what is the case.</summary>
    public void AskForProbe()
    {
        Volatile.Write(ref _probeAsked, true);
        AskForAttention();
    }

    /// <summary>Inbound thread: whether these bits answer an outstanding probe, which they do once.</summary>
    public bool TryTakeAnswer(UInt128 bits, TimeSpan now, out Probe probe)
    {
        lock (_gate)
        {
            return _probes.TryTake(bits, now, out probe)
                || _sizeProbes.TryTake(bits, now, out probe)
                || (_nextProbes is not null && _nextProbes.TryTake(bits, now, out probe));
        }
    }

    /// <summary>Inbound thread: a fresh answer came, and its number was found in order.</summary>
    /// <param name="probe">The probe that it answers.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="octets">Octets of the datagram.</param>
    /// <param name="synchronisation">Set where the window started at the answer's number.</param>
    /// <param name="now">Monotonic time.</param>
    public void NoteAnswer(in Probe probe, OuterEndpoint source, int octets, PeerEventKind? synchronisation, TimeSpan now)
    {
        Volatile.Write(ref _lastHeardTicks, now.Ticks);
        lock (_gate)
        {
            _hasAnswered = true;
            _synchronisation.End();
            _flow.NoteAnswer();
            NoteAlive();
            if (source != _endpoint.Current)
            {
                // What was sent where the peer was before it moved, and comes back from there, does not move it back.
                if (source == probe.Target && probe.SentAt >= _movedAt)
                {
                    MoveTo(source, now);
                }
                else
                {
                    _endpoint.Nominate(source, octets, now);
                }
            }

            Pin(probe.Framing);
            NoteUp();
            NoteSize(probe.Size, now);
            if (synchronisation is PeerEventKind kind)
            {
                StartOver(kind);
            }
        }

        AskForAttention();
    }

    /// <summary>Inbound thread: the durable mark stood in for an answer.</summary>
    public void NoteSynchronisedByMark()
    {
        lock (_gate)
        {
            _synchronisation.End();
            StartOver(PeerEventKind.SynchronisedByMark);
        }

        AskForAttention();
    }

    /// <summary>Control loop: the peer's name now has this address. The conf vouches for it as far as a first try goes.</summary>
    public void NoteResolved(OuterEndpoint endpoint, TimeSpan now)
    {
        lock (_gate)
        {
            if (_endpoint.Current is null)
            {
                MoveTo(endpoint, now);
                AskForProbe();
            }
            else if (_endpoint.Current != endpoint)
            {
                _endpoint.Nominate(endpoint, _options.ProbeOctets, now);
            }
        }

        AskForAttention();
    }

    /// <summary>Control loop: what is due now, if anything.</summary>
    /// <param name="now">Monotonic time.</param>
    /// <param name="bits">128 fresh random bits for a probe.</param>
    /// <param name="windowVersion">The replay window's, read before anything is sent.</param>
    /// <param name="pairNumber">Of the SAs that the probe goes by.</param>
    public PeerAction Tick(TimeSpan now, UInt128 bits, long windowVersion, int pairNumber = 0)
    {
        lock (_gate)
        {
            PeerAction action = FindDue(now, bits, windowVersion, pairNumber);
            DueAt = NextDue(now);
            return action;
        }
    }

    /// <summary>Control loop: the next thing to log.</summary>
    public bool TryTakeEvent(out PeerEvent peerEvent)
    {
        lock (_gate)
        {
            bool hasTaken = _events.TryDequeue(out peerEvent);
            if (_events.Count == 0)
            {
                // Most peers have none for hours.
                _events.TrimExcess();
            }

            return hasTaken;
        }
    }

    private PeerAction FindDue(TimeSpan now, UInt128 bits, long windowVersion, int pairNumber)
    {
        UpdateLiveness(now);
        if (IsProbeDue(now) && _endpoint.TryChooseTarget(_options.ProbeOctets, now, out OuterEndpoint target))
        {
            return PeerAction.SendProbe(RecordProbe(now, bits, windowVersion, pairNumber, target));
        }

        if (TrySizeProbe(now, bits, windowVersion, pairNumber) is Probe sizeProbe)
        {
            return PeerAction.SendProbe(sizeProbe);
        }

        bool keepaliveDue = _options.Keepalive > TimeSpan.Zero && SinceSent(now) >= _options.Keepalive;
        return keepaliveDue && _endpoint.Current is OuterEndpoint endpoint ? PeerAction.SendKeepalive(endpoint) : PeerAction.None;
    }

    private void UpdateLiveness(TimeSpan now)
    {
        TimeSpan silence = now - TimeSpan.FromTicks(Volatile.Read(ref _lastHeardTicks));
        TimeSpan sinceProbe = now - _probes.LastSentAt ?? TimeSpan.MaxValue;
        int unanswered = _misses + (_isAwaitingAnswer && sinceProbe >= ProbeSpacing ? 1 : 0);
        if (_isUp && _options.DpdInterval > TimeSpan.Zero && unanswered >= _options.DpdMisses && silence >= _options.DpdInterval)
        {
            Volatile.Write(ref _isUp, false);
            _events.Enqueue(new PeerEvent(PeerEventKind.Lost, _endpoint.Current));
        }

        _synchronisation.Update(_options.CanProbe, _options.DpdMisses, sinceProbe, now);
    }

    private bool IsProbeDue(TimeSpan now)
    {
        if (!_options.CanProbe)
        {
            return false;
        }

        TimeSpan silence = now - TimeSpan.FromTicks(Volatile.Read(ref _lastHeardTicks));
        bool hasFlowBrokenOff = _flow.HasBrokenOff(silence);
        TimeSpan sinceProbe = now - _probes.LastSentAt ?? TimeSpan.MaxValue;
        if (sinceProbe < ProbeSpacing)
        {
            return false;
        }

        if (Volatile.Read(ref _probeAsked) || _endpoint.Candidate is not null)
        {
            return true;
        }

        bool hasDpd = _options.DpdInterval > TimeSpan.Zero;
        TimeSpan idlePace = hasDpd ? _options.DpdInterval : DefaultIdlePace;
        if (_synchronisation.IsWaiting || !_framing.IsPinned)
        {
            return _misses < EagerProbes || sinceProbe >= idlePace;
        }

        int unanswered = _misses + (_isAwaitingAnswer ? 1 : 0);
        if (hasFlowBrokenOff && unanswered < _options.DpdMisses && SinceSent(now) >= FlowWatch.Patience)
        {
            return hasDpd;
        }

        bool isCountingMisses = _isAwaitingAnswer && _misses < _options.DpdMisses;
        return hasDpd && silence >= idlePace && (isCountingMisses || sinceProbe >= idlePace);
    }

    private TimeSpan SinceSent(TimeSpan now) => now - TimeSpan.FromTicks(Volatile.Read(ref _lastSentTicks));

    private Probe RecordProbe(TimeSpan now, UInt128 bits, long windowVersion, int pairNumber, OuterEndpoint target)
    {
        if (!_endpoint.WasCandidateChosen || _endpoint.Current is null)
        {
            // A candidate's silence says nothing about the peer, which may be at its endpoint still.
            _misses += _isAwaitingAnswer ? 1 : 0;
            _isAwaitingAnswer = true;
            _synchronisation.NoteProbe();
        }

        Volatile.Write(ref _probeAsked, false);
        bool isLost = _wasUp && !_isUp;
        var probe = new Probe(bits, now, target, _framing.NextForProbe(isLost), windowVersion, pairNumber);
        _probes.Add(probe);
        return probe;
    }

    private void NoteAlive()
    {
        _misses = 0;
        _isAwaitingAnswer = false;
    }

    private void NoteUp()
    {
        if (_isUp)
        {
            return;
        }

        Volatile.Write(ref _isUp, true);
        _events.Enqueue(new PeerEvent(_wasUp ? PeerEventKind.UpAgain : PeerEventKind.Up, _endpoint.Current));
        _wasUp = true;
        _path.AskForCheck();
    }

    private void MoveTo(OuterEndpoint endpoint, TimeSpan now)
    {
        OuterEndpoint? previous = _endpoint.Current;
        _movedAt = now;
        _endpoint.MoveTo(endpoint);
        _path.AskForCheck();
        Volatile.Write(ref _route, CurrentRoute());
        if (previous is not null)
        {
            _events.Enqueue(new PeerEvent(PeerEventKind.Moved, endpoint, previous));
        }
    }

    private void Pin(UdpFraming framing)
    {
        if (_framing.TryPin(framing))
        {
            Volatile.Write(ref _route, CurrentRoute());
            _events.Enqueue(new PeerEvent(PeerEventKind.FramingPinned, _endpoint.Current));
        }
    }

    /// <summary>The window started over: answers to what was asked before prove nothing about it.</summary>
    private void StartOver(PeerEventKind how)
    {
        _probes.Clear();
        _sizeProbes.Clear();
        _nextProbes?.Clear();
        _events.Enqueue(new PeerEvent(how, _endpoint.Current));
    }

    private PeerRoute CurrentRoute() => new(_endpoint.Current, _framing.Current, _path.Limit);
}
