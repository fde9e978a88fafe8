namespace NatT.Tunnel.State;

/// <summary>What the state store needs from the system around it.</summary>
public sealed record StateStoreOptions
{
    /// <summary>Makes the names in a directory durable: fsync(2) on it. Throws where it cannot.</summary>
    public required Action<string> SyncDirectory { get; init; }

    /// <summary>Refuse a journal so damaged that numbers may be repeated, rather than mend it.</summary>
    public bool NeedsIntactJournal { get; init; }

    /// <summary>A value that differs after every boot; null: the kernel's.</summary>
    public Guid? BootId { get; init; }
}
