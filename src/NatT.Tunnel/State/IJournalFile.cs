namespace NatT.Tunnel.State;

/// <summary>
/// The port to the octets that must survive a power cut. Whatever throws leaves the journal as it was for every earlier
/// call; of its own octets, none, some or all may be there. One thread at a time.
/// </summary>
internal interface IJournalFile : IDisposable
{
    /// <summary>Where the next append begins.</summary>
    long Length { get; }

    /// <summary>All octets, to be called once, before anything is written.</summary>
    byte[] Read();

    /// <summary>Writes behind the last append that succeeded; durable when it returns.</summary>
    void Append(ReadOnlySpan<byte> octets);

    /// <summary>Puts <paramref name="octets"/> in the place of everything, all or nothing; durable when it returns.</summary>
    void Replace(ReadOnlySpan<byte> octets);
}
