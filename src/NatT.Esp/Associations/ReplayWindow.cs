namespace NatT.Esp.Associations;

/// <summary>
/// Remembers which of the latest sequence numbers arrived (RFC 4303 §3.4.3), as a ring of bits that slides by whole
/// words (RFC 6479). One thread owns it.
/// </summary>
public sealed class ReplayWindow
{
    public const int Smallest = 32;
    public const int Largest = 8192;

    private const int WordBits = 64;

    private readonly ulong[] _seen;
    private readonly ulong _size;

    /// <param name="size">How far below the highest number a packet may still arrive, 32 to 8192.</param>
    public ReplayWindow(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, Smallest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Largest);
        _size = (ulong)size;

        // One word more than the window: the one that Commit clears in part while it slides.
        _seen = new ulong[(size + WordBits - 1) / WordBits + 1];
    }

    /// <summary>The highest number accepted so far.</summary>
    public ulong Top { get; private set; }

    /// <summary>Reads it, and nothing else.</summary>
    internal void Fetch() => _ = Volatile.Read(ref Word(Top + 1));

    /// <summary>Whether a packet of this number would be new; changes nothing.</summary>
    public DropReason Check(ulong number)
    {
        if (number == 0)
        {
            return DropReason.SequenceZero;
        }

        if (number > Top)
        {
            return DropReason.None;
        }

        if (Top - number >= _size)
        {
            return DropReason.TooOld;
        }

        return (Word(number) & Bit(number)) == 0 ? DropReason.None : DropReason.Replayed;
    }

    /// <summary>Marks a number that <see cref="Check"/> found new as seen, and slides up to it if it is the highest.</summary>
    public void Commit(ulong number)
    {
        if (number > Top)
        {
            ulong steps = Math.Min(number / WordBits - Top / WordBits, (ulong)_seen.Length);
            for (ulong i = 1; i <= steps; i++)
            {
                _seen[(Top / WordBits + i) % (ulong)_seen.Length] = 0;
            }

            Top = number;
        }

        Word(number) |= Bit(number);
    }

    /// <summary>Starts over with <paramref name="top"/> as the highest number: it and all below it count as seen.</summary>
    public void StartAt(ulong top)
    {
        Top = top;
        Array.Fill(_seen, ulong.MaxValue);

        // The top's own word also holds numbers above it, which are still to come.
        Word(top) = (Bit(top) << 1) - 1;
    }

    private ref ulong Word(ulong number) => ref _seen[number / WordBits % (ulong)_seen.Length];

    private static ulong Bit(ulong number) => 1UL << (int)(number % WordBits);
}
