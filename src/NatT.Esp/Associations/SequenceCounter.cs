namespace NatT.Esp.Associations;

/// <summary>Numbers leaving packets 1, 2, 3, … and never twice (RFC 4303 §3.3.3). One thread owns it.</summary>
public sealed class SequenceCounter
{
    private ulong _next;

    /// <param name="first">The first number to use, at least 1.</param>
    /// <param name="isExtended">64-bit numbers instead of 32-bit.</param>
    public SequenceCounter(ulong first, bool isExtended)
    {
        ArgumentOutOfRangeException.ThrowIfZero(first);
        _next = first;
        Maximum = isExtended ? ulong.MaxValue - 1 : uint.MaxValue;
    }

    /// <summary>The number that the next packet gets.</summary>
    public ulong Next => _next;

    /// <summary>The last number there is; behind it the SA is used up.</summary>
    public ulong Maximum { get; }

    /// <summary>The last number that is durably reserved and may therefore be used; its owner raises it.</summary>
    public ulong LastReserved { get; set; }

    public bool IsExhausted => Next > Maximum;

    /// <summary>Whether nine tenths of the numbers are used.</summary>
    public bool IsNearlyExhausted => Next > Maximum / 10 * 9;

    /// <summary>Reads it, and nothing else.</summary>
    internal void Fetch() => _ = Volatile.Read(ref _next);

    /// <summary>Takes the next number, or says why there is none.</summary>
    public DropReason TryTake(out ulong number)
    {
        number = Next;
        if (IsExhausted)
        {
            return DropReason.SequenceExhausted;
        }

        if (number > LastReserved)
        {
            return DropReason.SequenceNotReserved;
        }

        _next++;
        return DropReason.None;
    }
}
