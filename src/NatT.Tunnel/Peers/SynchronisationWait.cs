namespace NatT.Tunnel.Peers;

/// <summary>
/// Waits for a fresh answer to tell which numbers are fresh, and knows when the durable mark may stand in for one: once a
/// peer that is evidently there left all probes unanswered. Not thread-safe, but for <see cref="MarkMayServe"/>.
/// </summary>
/// <param name="isNeeded">False where the window was resumed exactly, or there is none.</param>
public sealed class SynchronisationWait(bool isNeeded)
{
    private TimeSpan? _presentSince;
    private int _probes;
    private bool _markMayServe;

    public bool IsWaiting { get; private set; } = isNeeded;

    /// <summary>Any thread.</summary>
    public bool MarkMayServe => Volatile.Read(ref _markMayServe);

    /// <summary>An authentic packet came: the peer can be asked from now on. True for the first.</summary>
    /// <remarks>One that is merely not running yet must not count as one that does not answer.</remarks>
    public bool TryNotePresent(TimeSpan now)
    {
        bool isFirst = _presentSince is null;
        _presentSince ??= now;
        return isFirst;
    }

    public void NoteProbe() => _probes += _presentSince is null ? 0 : 1;

    /// <summary>Judges whether the peer was asked in vain.</summary>
    /// <param name="canProbe">Whether it can be asked at all; if not, the time that asking takes is waited.</param>
    /// <param name="misses">Unanswered probes that suffice.</param>
    /// <param name="sinceProbe">Time since the last one.</param>
    /// <param name="now">Monotonic time.</param>
    public void Update(bool canProbe, int misses, TimeSpan sinceProbe, TimeSpan now)
    {
        if (!IsWaiting || _presentSince is not TimeSpan since)
        {
            return;
        }

        bool wasAskedInVain = canProbe
            ? _probes >= misses && sinceProbe >= PeerMonitor.ProbeSpacing
            : now - since >= PeerMonitor.ProbeSpacing * misses;

        // For good: the next probe, which is due at once, must not take it back before a packet came.
        Volatile.Write(ref _markMayServe, _markMayServe || wasAskedInVain);
    }

    /// <summary>When <see cref="Update"/> next finds anything, unless something happens before.</summary>
    public TimeSpan DueAt(bool canProbe, int misses, TimeSpan probedAt)
    {
        if (!IsWaiting || MarkMayServe || _presentSince is not TimeSpan since)
        {
            return TimeSpan.MaxValue;
        }

        return !canProbe ? since + PeerMonitor.ProbeSpacing * misses
            : _probes >= misses ? probedAt + PeerMonitor.ProbeSpacing
            : TimeSpan.MaxValue;
    }

    public void End() => IsWaiting = false;
}
