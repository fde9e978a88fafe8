using System.Diagnostics;

namespace NatT.Tunnel.State;

/// <summary>
/// The durable side of one outbound sequence counter: numbers are reserved on disk in blocks before the first of a block
/// is used, so that no crash repeats one (RFC 4303 §3.3.3). One data thread uses it; <see cref="Close"/> comes after it ended.
/// </summary>
public sealed class OutboundRecord
{
    /// <summary>The smallest block, however slow the traffic.</summary>
    public const ulong SmallestBlock = 1024;

    /// <summary>The largest block, and how far a damaged journal makes the counter skip.</summary>
    public const ulong LargestBlock = Journal.LargestStep;

    private static readonly TimeSpan BlockPeriod = TimeSpan.FromSeconds(1);

    private readonly Journal _journal;
    private readonly JournalEntry _entry;
    private RecentNumbers _recent = new(BlockPeriod);
    private ulong _block = SmallestBlock;
    private long _ticket;
    private bool _isClosed;

    /// <summary>Asks for the first block: no number may be used before <see cref="HasFirstBlock"/>.</summary>
    internal OutboundRecord(Journal journal, JournalEntry entry)
    {
        _journal = journal;
        _entry = entry;
        IsNew = !entry.HasRecord;
        First = IsNew ? 1 : entry.Durable;
        _ticket = journal.Request(entry, Saturating.Add(First, SmallestBlock));
    }

    /// <summary>No record of this association existed: its keys are new, or their state was lost.</summary>
    public bool IsNew { get; }

    /// <summary>The first number that this process may use; 1 for a new association.</summary>
    public ulong First { get; }

    /// <summary>Numbers below it, from <see cref="First"/> on, are reserved durably; it and those above it may not be used yet.</summary>
    public ulong Limit => _entry.Durable;

    /// <summary>The disk takes nothing at the moment: what lies below <see cref="Limit"/> is all there is until it does.</summary>
    public bool HasFailed => _journal.HasFailed;

    /// <summary>Before anything else is asked for: the first block is on disk.</summary>
    internal bool HasFirstBlock => !IsReserving;

    private bool IsReserving => _entry.DurableTicket < _ticket;

    /// <summary>Reads what the next packet needs, and nothing else.</summary>
    internal void Fetch()
    {
        _ = Limit;
        _ = Volatile.Read(ref _ticket);
    }

    /// <summary>Notes, once a batch, that <paramref name="next"/> is the first number not used yet; at half a block asks for the next one.</summary>
    public void Use(ulong next, TimeSpan now)
    {
        Debug.Assert(next <= Limit, "A number was used that was not reserved.");
        _recent.Observe(next, now);
        if (Limit - next <= _block / 2 && !IsReserving)
        {
            Reserve(_recent.Count);
        }
    }

    /// <summary>
    /// Blocks until <paramref name="number"/> may be used. False: not now; the store has failed, or <paramref name="timeout"/>
    /// is over. The reservation stays asked for and is retried by itself.
    /// </summary>
    public bool WaitFor(ulong number, TimeSpan timeout)
    {
        long started = Stopwatch.GetTimestamp();
        while (number >= Limit)
        {
            if (_isClosed || Limit == ulong.MaxValue)
            {
                return false;
            }

            if (!IsReserving)
            {
                Reserve(Math.Max(_recent.Count, number - Limit + 1));
            }

            if (!_journal.Wait(_entry, _ticket, timeout - Stopwatch.GetElapsedTime(started)))
            {
                return number < Limit;
            }
        }

        return true;
    }

    /// <summary>
    /// A clean stop: <paramref name="next"/>, the first number not used, becomes the next process's <see cref="First"/>.
    /// Where the disk refuses, the reserved limit stays, and the next process skips the rest of the block.
    /// </summary>
    public void Close(ulong next)
    {
        RequestClose(next);
        _journal.Commit();
    }

    /// <summary>As <see cref="Close"/>, but exact only once the journal commits.</summary>
    internal void RequestClose(ulong next)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(next, First);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(next, Limit);
        _isClosed = true;
        _ticket = _journal.Request(_entry, next);
        _journal.Release(_entry);
    }

    /// <summary>Gives the record up unused.</summary>
    internal void Abandon()
    {
        _isClosed = true;
        _journal.Release(_entry);
    }

    private void Reserve(ulong numbers)
    {
        ulong limit = Limit;
        if (limit == ulong.MaxValue || _isClosed)
        {
            return;
        }

        _block = Math.Clamp(numbers, SmallestBlock, LargestBlock);
        _ticket = _journal.Request(_entry, Saturating.Add(limit, _block));
    }
}
