namespace NatT.Tunnel.Peers;

/// <content>When a tick is needed: at <see cref="DueAt"/>, and once something happened to the peer.</content>
public sealed partial class PeerMonitor
{
    private static readonly TimeSpan Never = TimeSpan.MaxValue;

    private PeerAttention? _attention;
    private int _index;

    // Whether the control loop knows that packets came, and looks when they may have broken off.
    private bool _isFlowWatched;

    /// <summary>Control loop: before this time, unless something happens, another <see cref="Tick"/> would find nothing due.</summary>
    /// <remarks>May be too early, never too late. What other threads only put off (a packet came, a packet went) is not asked for.</remarks>
    public TimeSpan DueAt { get; private set; } = TimeSpan.MinValue;

    /// <summary>Its place there; null where it has none.</summary>
    internal int? PlaceIn(PeerAttention attention) => _attention == attention ? _index : null;

    /// <summary>Whoever changes what a tick would find says so there. Before other threads know the monitor.</summary>
    public void Report(PeerAttention attention, int index)
    {
        _attention = attention;
        _index = index;
    }

    internal void AskForAttention() => _attention?.Ask(_index);

    private TimeSpan NextDue(TimeSpan now)
    {
        TimeSpan lastHeard = TimeSpan.FromTicks(Volatile.Read(ref _lastHeardTicks));
        TimeSpan lastSent = TimeSpan.FromTicks(Volatile.Read(ref _lastSentTicks));
        bool hasKeepalive = _options.Keepalive > TimeSpan.Zero && _endpoint.Current is not null;
        TimeSpan due = hasKeepalive ? lastSent + _options.Keepalive : Never;
        due = Earlier(due, FlowDue(lastHeard));
        due = Earlier(due, LossDue(lastHeard));
        due = Earlier(due, _synchronisation.DueAt(_options.CanProbe, _options.DpdMisses, _probes.LastSentAt ?? now));
        due = Earlier(due, ProbeDue(lastHeard, lastSent, now));
        return Earlier(due, SizeProbeDue(now));
    }

    /// <summary>When packets that came last may turn out to have been the last ones.</summary>
    private TimeSpan FlowDue(TimeSpan lastHeard)
    {
        if (!_options.CanProbe || _options.DpdInterval == TimeSpan.Zero)
        {
            // Nobody would ask; and nobody need say that packets came.
            Volatile.Write(ref _isFlowWatched, true);
            return Never;
        }

        // First that the next packet is to be told, then whether one came already. A processor that lets the inbound thread's look
        // pass its count delays nothing but the first packet of several.
        Volatile.Write(ref _isFlowWatched, false);
        Interlocked.MemoryBarrier();
        if (!_flow.HasUnjudged)
        {
            return Never;
        }

        Volatile.Write(ref _isFlowWatched, true);
        return lastHeard + FlowWatch.Patience;
    }

    private TimeSpan LossDue(TimeSpan lastHeard)
    {
        if (!_isUp || _options.DpdInterval == TimeSpan.Zero)
        {
            return Never;
        }

        TimeSpan silent = lastHeard + _options.DpdInterval;
        if (_misses >= _options.DpdMisses)
        {
            return silent;
        }

        bool isLastMissPending = _isAwaitingAnswer && _misses + 1 >= _options.DpdMisses;
        return isLastMissPending && _probes.LastSentAt is TimeSpan sentAt ? Later(silent, sentAt + ProbeSpacing) : Never;
    }

    /// <summary>Mirrors <see cref="IsProbeDue"/>.</summary>
    private TimeSpan ProbeDue(TimeSpan lastHeard, TimeSpan lastSent, TimeSpan now)
    {
        TimeSpan targetAt = _options.CanProbe ? _endpoint.TargetAt(_options.ProbeOctets, now) : Never;
        if (targetAt == Never)
        {
            return Never;
        }

        TimeSpan probed = _probes.LastSentAt ?? now - ProbeSpacing;
        TimeSpan spaced = Later(targetAt, probed + ProbeSpacing);
        if (Volatile.Read(ref _probeAsked) || _endpoint.Candidate is not null)
        {
            return spaced;
        }

        bool hasDpd = _options.DpdInterval > TimeSpan.Zero;
        TimeSpan idlePace = hasDpd ? _options.DpdInterval : DefaultIdlePace;
        if (_synchronisation.IsWaiting || !_framing.IsPinned)
        {
            return _misses < EagerProbes ? spaced : Later(spaced, probed + idlePace);
        }

        if (!hasDpd)
        {
            return Never;
        }

        bool isCountingMisses = _isAwaitingAnswer && _misses < _options.DpdMisses;
        TimeSpan idle = Later(Later(spaced, lastHeard + idlePace), isCountingMisses ? spaced : probed + idlePace);
        bool asksAfterFlow = _flow.WasBrokenOff && _misses + (_isAwaitingAnswer ? 1 : 0) < _options.DpdMisses;
        return asksAfterFlow ? Earlier(idle, Later(spaced, Later(lastHeard, lastSent) + FlowWatch.Patience)) : idle;
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
