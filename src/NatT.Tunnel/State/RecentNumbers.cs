namespace NatT.Tunnel.State;

/// <summary>How many sequence numbers went by in about the last period; one thread's, and mutable.</summary>
internal struct RecentNumbers(TimeSpan period)
{
    private TimeSpan _since;
    private ulong _first;
    private ulong _current;
    private ulong _previous;
    private bool _isCounting;

    /// <summary>The larger of the period under way and the one before it, so that a burst counts at once and a pause does not.</summary>
    public readonly ulong Count => Math.Max(_previous, _current);

    /// <summary>Forgets the past; the numbers go on from <paramref name="number"/>.</summary>
    public void Restart(ulong number, TimeSpan now)
    {
        (_since, _first, _current, _previous, _isCounting) = (now, number, 0, 0, true);
    }

    public void Observe(ulong number, TimeSpan now)
    {
        if (!_isCounting)
        {
            Restart(number, now);
            return;
        }

        _current = number > _first ? number - _first : 0;
        TimeSpan elapsed = now - _since;
        if (elapsed < period)
        {
            return;
        }

        _previous = (ulong)(_current * (period / elapsed));
        _current = 0;
        _since = now;
        _first = number;
    }
}
