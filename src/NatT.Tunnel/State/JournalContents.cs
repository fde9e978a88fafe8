namespace NatT.Tunnel.State;

/// <summary>What a journal's octets say: the newest record of each key, and how much of it cannot be read.</summary>
internal sealed class JournalContents
{
    private JournalContents(Dictionary<JournalKey, JournalRecord> newest, ulong lastOrdinal, int records, int damaged, bool tailOnly)
    {
        Newest = newest;
        LastOrdinal = lastOrdinal;
        DamagedRecords = damaged;
        IsOnlyTailDamaged = tailOnly;
        HasSuperseded = records > newest.Count;
    }

    public IReadOnlyDictionary<JournalKey, JournalRecord> Newest { get; }

    public ulong LastOrdinal { get; }

    /// <summary>Record-sized places, a shorter rest at the end included, that hold no intact record.</summary>
    public int DamagedRecords { get; }

    /// <summary>No intact record follows a damaged one: what a crash in the middle of an append leaves.</summary>
    public bool IsOnlyTailDamaged { get; }

    /// <summary>Compaction would make it smaller.</summary>
    public bool HasSuperseded { get; }

    public static JournalContents Read(ReadOnlySpan<byte> octets)
    {
        var newest = new Dictionary<JournalKey, JournalRecord>();
        ulong lastOrdinal = 0;
        int intact = 0;
        int damaged = 0;
        bool tailOnly = true;

        // Appends always begin at a multiple of the record size, so one bad record hides no other.
        for (; octets.Length > 0; octets = octets[Math.Min(JournalRecord.Size, octets.Length)..])
        {
            if (!JournalRecord.TryRead(octets, out JournalRecord record))
            {
                damaged++;
                continue;
            }

            intact++;
            tailOnly &= damaged == 0;
            lastOrdinal = Math.Max(lastOrdinal, record.Ordinal);
            if (!newest.TryGetValue(record.Key, out JournalRecord known) || record.Ordinal >= known.Ordinal)
            {
                newest[record.Key] = record;
            }
        }

        return new JournalContents(newest, lastOrdinal, intact, damaged, tailOnly);
    }
}
