using Microsoft.Extensions.Logging;

namespace NatT.Tunnel.State;

/// <summary>
/// The counters of all associations in one append-only file. Requests queue up; a commit takes every one there is,
/// appends them at once and then publishes them, so that any number of peers share one disk flush.
/// </summary>
internal sealed partial class Journal : IDisposable
{
    /// <summary>A record lies at most this far above the one before it, so that skipping so far makes up for a lost record.</summary>
    public const ulong LargestStep = 65_536;

    /// <summary>Octets after which the file is rewritten with the newest record of each key.</summary>
    public const long CompactionLength = 1 << 20;

    // Damage beyond a 4096-octet page is no torn write; skipping on would only use up the 32 bits of a counter.
    private const int MostSkippedSteps = 128;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(5);

    private readonly IJournalFile _file;
    private readonly ILogger _logger;
    private readonly Dictionary<JournalKey, JournalEntry> _entries = [];
    private readonly List<JournalEntry> _queue = [];
    private readonly List<JournalEntry> _batch = [];
    private readonly Lock _committing = new();
    private readonly object _gate = new();
    private byte[] _buffer = new byte[64 * JournalRecord.Size];
    private ulong _ordinal;
    private long _compactAt = CompactionLength;
    private volatile bool _hasFailed;
    private bool _isStopping;
    private Thread? _thread;

    /// <summary>Reads <paramref name="file"/>, mends what a crash left, and owns it from here on.</summary>
    /// <param name="file">On disk.</param>
    /// <param name="logger">Hears of damage and of a disk that fails.</param>
    /// <param name="refuse">What to throw where more is damaged than skipping makes up for; null: go on all the same.</param>
    public Journal(IJournalFile file, ILogger logger, Func<int, Exception>? refuse = null)
    {
        _file = file;
        _logger = logger;
        Load(refuse);
    }

    /// <summary>The last commit failed and is being retried.</summary>
    public bool HasFailed => _hasFailed;

    /// <summary>Damaged records where they were more than skipping makes up for; else 0.</summary>
    public int LostRecords { get; private set; }

    /// <summary>Commits from here on happen on a thread of their own; before that, whoever waits commits.</summary>
    public void Start()
    {
        _thread = new Thread(Run) { Name = "journal", IsBackground = true };
        _thread.Start();
    }

    public bool HasRecord(JournalKey key)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(key, out JournalEntry? entry) && entry.HasRecord;
        }
    }

    /// <summary>The entry of <paramref name="key"/>, for the caller alone until it clears <see cref="JournalEntry.IsOpen"/>.</summary>
    public JournalEntry Open(JournalKey key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out JournalEntry? entry))
            {
                entry = new JournalEntry(key);
                _entries.Add(key, entry);
            }

            if (entry.IsOpen)
            {
                throw new InvalidOperationException($"The {key.Kind} record of association {key.Fingerprint} is already open.");
            }

            entry.IsOpen = true;
            return entry;
        }
    }

    public void Release(JournalEntry entry)
    {
        lock (_gate)
        {
            entry.IsOpen = false;
        }
    }

    /// <summary>All that <paramref name="requests"/> asks for goes into one append.</summary>
    public void RequestTogether(Action requests)
    {
        lock (_gate)
        {
            requests();
        }
    }

    /// <summary>Asks for <paramref name="value"/> to become durable, in place of anything asked before, and returns the ticket to wait for.</summary>
    public long Request(JournalEntry entry, ulong value)
    {
        lock (_gate)
        {
            if (entry.WantedTicket == entry.DurableTicket)
            {
                _queue.Add(entry);
            }

            entry.Wanted = value;
            entry.WantedTicket++;
            Monitor.PulseAll(_gate);
            return entry.WantedTicket;
        }
    }

    /// <summary>True once the request is durable; false as soon as the store has failed, or after <paramref name="timeout"/>.</summary>
    public bool Wait(JournalEntry entry, long ticket, TimeSpan timeout)
    {
        if (_thread is null)
        {
            Commit();
            return entry.DurableTicket >= ticket;
        }

        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        lock (_gate)
        {
            while (entry.DurableTicket < ticket)
            {
                long remaining = deadline - Environment.TickCount64;
                if (_hasFailed || _isStopping || remaining <= 0)
                {
                    return false;
                }

                Monitor.Wait(_gate, (int)Math.Min(remaining, int.MaxValue));
            }
        }

        return true;
    }

    /// <summary>Makes everything durable that has been asked for; null, or why it could not.</summary>
    public Exception? Commit()
    {
        lock (_committing)
        {
            int length = TakeQueue();
            if (length == 0)
            {
                return null;
            }

            try
            {
                _file.Append(_buffer.AsSpan(0, length));
            }
#pragma warning disable CA1031 // Whatever the reason: numbers that are not on disk may not be used, and the retry is the same.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Fail(exception);
                return exception;
            }

            Publish();
            CompactIfLong();
            return null;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }

        _thread?.Join(LongestFarewell);
        _file.Dispose();
    }

    private void Run()
    {
        while (WaitForRequests())
        {
            if (Commit() is not null)
            {
                WaitForRetry();
            }
        }
    }

    private bool WaitForRequests()
    {
        lock (_gate)
        {
            while (_queue.Count == 0 && !_isStopping)
            {
                Monitor.Wait(_gate);
            }

            return !_isStopping;
        }
    }

    private void WaitForRetry()
    {
        long deadline = Environment.TickCount64 + (long)RetryInterval.TotalMilliseconds;
        lock (_gate)
        {
            // New requests pulse too; a broken disk is not tried more often for them.
            while (deadline - Environment.TickCount64 is > 0 and long remaining && !_isStopping)
            {
                Monitor.Wait(_gate, (int)remaining);
            }
        }
    }

    // Entries stay queued until they are durable, so a failed append is repeated with what is wanted by then.
    private int TakeQueue()
    {
        lock (_gate)
        {
            _batch.Clear();
            _batch.AddRange(_queue);
            if (_buffer.Length < _batch.Count * JournalRecord.Size)
            {
                _buffer = new byte[2 * _batch.Count * JournalRecord.Size];
            }

            Span<byte> rest = _buffer;
            foreach (JournalEntry entry in _batch)
            {
                entry.Writing = entry.Wanted;
                entry.WritingTicket = entry.WantedTicket;
                entry.Ordinal = ++_ordinal;
                new JournalRecord(entry.Key, entry.Ordinal, entry.Writing).Write(rest);
                rest = rest[JournalRecord.Size..];
            }

            return _buffer.Length - rest.Length;
        }
    }

    private void Publish()
    {
        lock (_gate)
        {
            foreach (JournalEntry entry in _batch)
            {
                entry.Publish();
            }

            _queue.RemoveAll(static entry => entry.WantedTicket == entry.DurableTicket);
            if (_hasFailed)
            {
                _hasFailed = false;
                LogRecovered();
            }

            Monitor.PulseAll(_gate);
        }
    }

    private void Fail(Exception exception)
    {
        lock (_gate)
        {
            if (!_hasFailed)
            {
                _hasFailed = true;
                LogFailed(StateUnavailableException.ReasonOf(exception));
            }

            Monitor.PulseAll(_gate);
        }
    }

    private void Load(Func<int, Exception>? refuse)
    {
        JournalContents contents = JournalContents.Read(_file.Read());
        LostRecords = contents.DamagedRecords > MostSkippedSteps ? contents.DamagedRecords : 0;
        if (LostRecords > 0 && refuse is not null)
        {
            throw refuse(LostRecords);
        }

        _ordinal = contents.LastOrdinal;
        ulong skip = LargestStep * (ulong)Math.Min(contents.DamagedRecords, MostSkippedSteps);
        foreach (JournalRecord record in contents.Newest.Values)
        {
            bool skips = record.Key.Kind == JournalKind.OutboundLimit;
            var entry = new JournalEntry(record.Key);
            entry.Load(skips ? Saturating.Add(record.Value, skip) : record.Value, record.Ordinal);
            _entries.Add(record.Key, entry);
        }

        if (skip > 0)
        {
            LogDamaged(contents.IsOnlyTailDamaged ? "ends in a torn record" : "is corrupt in the middle", contents.DamagedRecords, skip);
        }

        if (contents.HasSuperseded || skip > 0)
        {
            Compact();
        }
    }

    private void CompactIfLong()
    {
        if (_file.Length < _compactAt)
        {
            return;
        }

        try
        {
            Compact();
            _compactAt = Math.Max(CompactionLength, 2 * _file.Length);
        }
#pragma warning disable CA1031 // The long journal is as good as a short one; what cannot be replaced is simply kept.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _compactAt = 2 * Math.Max(CompactionLength, _file.Length);
            LogNotCompacted(StateUnavailableException.ReasonOf(exception));
        }
    }

    // No record is ever dropped but for a newer one of its key: a conf may be put aside for years and then come back.
    private void Compact()
    {
        byte[] image;
        lock (_gate)
        {
            JournalEntry[] kept = [.. _entries.Values.Where(static entry => entry.HasRecord)];
            image = new byte[kept.Length * JournalRecord.Size];
            for (int i = 0; i < kept.Length; i++)
            {
                new JournalRecord(kept[i].Key, kept[i].Ordinal, kept[i].Durable).Write(image.AsSpan(i * JournalRecord.Size));
            }
        }

        _file.Replace(image);
    }

    [LoggerMessage(LogLevel.Error,
        "State cannot be written ({Reason}): outbound traffic stops at the last number reserved; retrying every second")]
    private partial void LogFailed(string reason);

    [LoggerMessage(LogLevel.Information, "State is written again; outbound traffic goes on")]
    private partial void LogRecovered();

    [LoggerMessage(LogLevel.Warning,
        "The state journal {Damage} ({Records} damaged): every outbound sequence number skips ahead by {Skip}, so that none repeats")]
    private partial void LogDamaged(string damage, int records, ulong skip);

    [LoggerMessage(LogLevel.Warning, "The state journal could not be compacted ({Reason}); it grows until it can")]
    private partial void LogNotCompacted(string reason);
}
