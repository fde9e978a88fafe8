namespace NatT.Esp.Associations;

/// <summary>
/// Counts the sequence numbers that a sender went past and whose packets never came: what was lost before us, exactly.
/// One thread owns it; any thread may read <see cref="Count"/>.
/// </summary>
/// <remarks>
/// A number is missing from when a higher one comes until it comes itself. One whose packet was authentic and dropped is in a
/// drop counter, so it is not missing, unless it came later than the window.
/// </remarks>
/// <param name="windowSize">The replay window's.</param>
public sealed class MissingNumbers(int windowSize)
{
    // Dropped packets leave the SA's window as it is, so a copy of one looks fresh there: it must not count as another.
    private readonly ReplayWindow _dropped = new(windowSize);

    private ulong _highest;

    // Numbers up to here are not awaited; null: it is the first one that comes.
    private ulong? _start = 0;
    private long _count;

    public long Count => Volatile.Read(ref _count);

    /// <summary>From now on numbers above <paramref name="top"/> are awaited, and none below; what was missing before stays counted.</summary>
    public void StartAt(ulong top)
    {
        _highest = top;
        _start = top;
        _dropped.StartAt(top);
    }

    /// <summary>From now on numbers above the first one that comes are awaited: the sender may have used others before we could hear it.</summary>
    public void StartAtFirst()
    {
        StartAt(0);
        _start = null;
    }

    /// <summary>The window took this number.</summary>
    public void NoteAccepted(ulong number)
    {
        if (_start is null)
        {
            _start = _highest = number;
            return;
        }

        if (number <= _start)
        {
            return;
        }

        long change = -1;
        if (number > _highest)
        {
            change = unchecked((long)(number - _highest - 1));
            _highest = number;
        }

        Volatile.Write(ref _count, _count + change);
    }

    /// <summary>An authentic packet of this number, which the window would have taken, was dropped.</summary>
    public void NoteDropped(ulong number)
    {
        if (_dropped.Check(number) == DropReason.None)
        {
            _dropped.Commit(number);
            NoteAccepted(number);
        }
    }
}
