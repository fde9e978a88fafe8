namespace NatT.Tunnel.State;

/// <summary>
/// The value of one key: what is on disk, and what has been asked for. Its <see cref="Journal"/> alone changes it; any
/// thread may read.
/// </summary>
internal sealed class JournalEntry(JournalKey key)
{
    private ulong _durable;
    private long _durableTicket;

    public JournalKey Key { get; } = key;

    /// <summary>The value on disk; of no meaning before <see cref="HasRecord"/>.</summary>
    public ulong Durable => Volatile.Read(ref _durable);

    /// <summary>Requests up to this ticket are on disk, or superseded by one that is.</summary>
    public long DurableTicket => Volatile.Read(ref _durableTicket);

    public bool HasRecord { get; private set; }

    /// <summary>A record object uses it; a second one would hand out the same numbers again.</summary>
    public bool IsOpen { get; set; }

    /// <summary>The newest record's place in the journal's history.</summary>
    public ulong Ordinal { get; set; }

    /// <summary>The value asked for last.</summary>
    public ulong Wanted { get; set; }

    /// <summary>The ticket of <see cref="Wanted"/>.</summary>
    public long WantedTicket { get; set; }

    /// <summary>The value in the append under way.</summary>
    public ulong Writing { get; set; }

    /// <summary>The ticket of <see cref="Writing"/>.</summary>
    public long WritingTicket { get; set; }

    public void Load(ulong value, ulong ordinal)
    {
        _durable = value;
        Ordinal = ordinal;
        HasRecord = true;
    }

    /// <summary>The append succeeded. Whoever sees the ticket sees the value too: the value is written first.</summary>
    public void Publish()
    {
        HasRecord = true;
        Volatile.Write(ref _durable, Writing);
        Volatile.Write(ref _durableTicket, WritingTicket);
    }
}
