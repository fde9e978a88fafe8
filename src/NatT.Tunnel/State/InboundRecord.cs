using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace NatT.Tunnel.State;

/// <summary>
/// The durable side of one replay window: the exact top in a memory-mapped page that outlives the process, and a mark on
/// disk that outlives the machine and never lies below the top. One inbound thread uses it; <see cref="Close"/> comes
/// after it ended.
/// </summary>
public sealed partial class InboundRecord
{
    /// <summary>Numbers the mark leads by at least.</summary>
    public const ulong SmallestLead = 32;

    /// <summary>Numbers the mark leads by at most.</summary>
    public const ulong LargestLead = 65_536;

    // The lead grows at most so much a request: a far end that skipped ahead after a crash of its own is no traffic.
    private const ulong LeadGrowth = 4;

    // A peer that is heard rarely, but in bursts, must not wait for the disk at each of them: several must fit below the mark.
    private const ulong BurstsAhead = 4;
    private const ulong LargestBurst = 256;

    // What of the longest burst is forgotten at each one after it.
    private const ulong BurstDecay = 8;

    private static readonly TimeSpan LeadPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly Journal _journal;
    private readonly JournalEntry _entry;
    private readonly TopSlot _slot;
    private readonly ILogger _logger;
    private RecentNumbers _recent = new(LeadPeriod);
    private ulong _lead = SmallestLead;
    private ulong _burst;
    private ulong? _top;
    private ulong _mark;
    private long _ticket;
    private long _ticketGivenUp;
    private bool _isClosed;

    // What any crash now leaves on disk at least. Requests rise, so it is the mark before the outstanding ones; a reset
    // asks for less, and then it is that.
    private ulong _certainMark;

    internal InboundRecord(Journal journal, JournalEntry entry, TopSlot slot, ILogger logger)
    {
        _journal = journal;
        _entry = entry;
        _slot = slot;
        _logger = logger;
        ExactTop = slot.Read();
        DurableMark = entry.HasRecord ? entry.Durable : null;
        _mark = _certainMark = DurableMark ?? 0;
        _top = ExactTop;
        _ticket = _ticketGivenUp = entry.DurableTicket;
    }

    /// <summary>The highest number that a process since this boot received; null after a reboot, and where there was none.</summary>
    public ulong? ExactTop { get; }

    /// <summary>A number that the highest one received had not passed; null where no process ever received any.</summary>
    public ulong? DurableMark { get; }

    /// <summary>
    /// Notes, once a batch and before its packets are delivered, the highest number received, and asks for a mark ahead of it.
    /// True where that must be awaited first: one flush serves all peers that asked before the first of them waits.
    /// </summary>
    public bool TryNote(ulong top, TimeSpan now)
    {
        _slot.Write(top);
        _recent.Observe(top, now);
        ulong burst = Math.Min(top - Math.Min(_top ?? top, top), LargestBurst);
        _burst = Math.Max(burst, _burst - _burst / BurstDecay);
        _top = top;
        return !TryKeepMarkAhead(top);
    }

    /// <summary>
    /// Blocks until the mark on disk is ahead, for at most a second: a broken disk weakens the replay protection of the next
    /// boot, it does not stop the traffic of this one.
    /// </summary>
    public void AwaitMark(ulong top)
    {
        if (top > _certainMark)
        {
            WaitForMark();
        }
    }

    /// <summary>Notes the highest number received and awaits the mark, for one peer alone.</summary>
    public void Publish(ulong top, TimeSpan now)
    {
        if (TryNote(top, now))
        {
            AwaitMark(top);
        }
    }

    /// <summary>Reads what the next note needs, and nothing else.</summary>
    internal void Fetch()
    {
        _ = _entry.DurableTicket;
        _ = Volatile.Read(ref _certainMark);
        _slot.Fetch();
    }

    /// <summary>A fresh answer moved the window to <paramref name="top"/>, up or down.</summary>
    public void Reset(ulong top, TimeSpan now)
    {
        _slot.Write(top);
        _recent.Restart(top, now);
        _burst = 0;
        _top = top;
        _lead = SmallestLead;
        Request(top);
        _certainMark = Math.Min(_certainMark, _mark);
        TryKeepMarkAhead(top);
        AwaitMark(top);
    }

    /// <summary>A clean stop: the mark becomes the top itself. Where the disk refuses, it stays ahead.</summary>
    public void Close(ulong top)
    {
        RequestClose(top);
        _journal.Commit();
    }

    /// <summary>As <see cref="Close"/>, but the mark is the top only once the journal commits.</summary>
    internal void RequestClose(ulong top)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        _isClosed = true;
        _slot.Write(top);
        _journal.Request(_entry, top);
        _journal.Release(_entry);
    }

    /// <summary>Gives the record up as it is: nothing told which numbers are fresh.</summary>
    internal void Abandon()
    {
        _isClosed = true;
        _journal.Release(_entry);
    }

    /// <summary>Whether what is surely on disk, or will be after any crash, is no lower than <paramref name="top"/>.</summary>
    private bool TryKeepMarkAhead(ulong top)
    {
        Debug.Assert(!_isClosed, "A number was received after the stop.");
        if (_entry.DurableTicket >= _ticket)
        {
            _certainMark = _mark;
        }

        if (top >= _mark || _mark - top <= _lead / 2)
        {
            ulong wanted = Math.Max(_recent.Count, BurstsAhead * _burst);
            _lead = Math.Clamp(wanted, SmallestLead, Math.Min(LargestLead, LeadGrowth * _lead));
            Request(top);
        }

        return top <= _certainMark;
    }

    private void Request(ulong top)
    {
        _mark = Saturating.Add(top, _lead);
        _ticket = _journal.Request(_entry, _mark);
    }

    private void WaitForMark()
    {
        // A disk that hangs costs one wait, not one a batch.
        if (_entry.DurableTicket < _ticketGivenUp)
        {
            return;
        }

        if (_journal.Wait(_entry, _ticket, LongestWait))
        {
            _certainMark = _mark;
            return;
        }

        _ticketGivenUp = _ticket;
        if (!_journal.HasFailed)
        {
            LogMarkLate(LongestWait);
        }
    }

    [LoggerMessage(LogLevel.Warning,
        "The disk takes longer than {Wait} for the replay mark; inbound traffic goes on without it")]
    private partial void LogMarkLate(TimeSpan wait);
}
