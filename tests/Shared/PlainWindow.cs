using NatT.Esp;

namespace NatT.Tests;

/// <summary>A replay window in its plainest form: a set of the numbers that came.</summary>
/// <param name="size">How far below the highest one a number may still come.</param>
internal sealed class PlainWindow(int size)
{
    private readonly HashSet<ulong> _seen = [];
    private ulong _start;

    public ulong Top { get; private set; }

    public DropReason Check(ulong number)
    {
        if (number == 0)
        {
            return DropReason.SequenceZero;
        }

        if (number <= Top && Top - number >= (ulong)size)
        {
            return DropReason.TooOld;
        }

        return number <= _start || _seen.Contains(number) ? DropReason.Replayed : DropReason.None;
    }

    public void Commit(ulong number)
    {
        _seen.Add(number);
        Top = Math.Max(Top, number);
        if (_seen.Count > 4 * size)
        {
            // Or a long run would need all of the memory.
            _seen.RemoveWhere(old => Top - old >= (ulong)size);
        }
    }

    public void StartAt(ulong top)
    {
        _seen.Clear();
        _start = Top = top;
    }
}
