using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace NatT.Tunnel.State;

/// <summary>
/// What must outlive the process so that keys that never change stay safe: each outbound counter, and each replay window's
/// top. It holds its directory alone; open it before binding a socket.
/// </summary>
public sealed class StateStore : IDisposable
{
    internal const string JournalName = "journal";
    internal const string TopsName = "tops";

    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly StateLock? _lock;
    private readonly Journal _journal;
    private readonly TopsFile _tops;
    private readonly ILogger _logger;

    /// <summary>A store over any journal file, without a lock; its commits happen where somebody waits for them.</summary>
    internal StateStore(
        string directory, StateLock? held, IJournalFile journal, TopsFile tops, ILogger logger, bool needsIntactJournal = false)
    {
        Folder = directory;
        _lock = held;
        _journal = new Journal(journal, logger, needsIntactJournal ? RefuseDamage : null);
        _tops = tops;
        _logger = logger;
    }

    /// <summary>As messages call it.</summary>
    public string Folder { get; }

    /// <summary>The disk takes nothing at the moment; an alarm was logged.</summary>
    public bool HasFailed => _journal.HasFailed;

    /// <summary>
    /// Locks and reads <paramref name="directory"/>, which is made where it is missing. <paramref name="holder"/> is what a
    /// second opener is told: process id and conf.
    /// </summary>
    /// <exception cref="StateLockedException">Another process holds it.</exception>
    /// <exception cref="StateUnavailableException">State cannot be kept there.</exception>
    public static StateStore Open(string directory, string holder, StateStoreOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        var opened = new Stack<IDisposable>();
        try
        {
            Create(directory, options.SyncDirectory);
            var held = StateLock.Take(directory, holder);
            opened.Push(held);
            var journal = new JournalFile(Path.Combine(directory, JournalName), options.SyncDirectory);
            opened.Push(journal);
            var tops = TopsFile.Open(Path.Combine(directory, TopsName), options.BootId ?? ReadBootId());
            opened.Push(tops);
            var store = new StateStore(directory, held, journal, tops, logger, options.NeedsIntactJournal);
            store._journal.Start();
            return store;
        }
        catch (Exception exception)
        {
            while (opened.TryPop(out IDisposable? part))
            {
                part.Dispose();
            }

            if (exception is StateLockedException or StateUnavailableException)
            {
                throw;
            }

            throw StateUnavailableException.Of(directory, exception);
        }
    }

    /// <summary>Who holds the directory at the moment, as it called itself in <see cref="Open"/>; null: nobody. Changes nothing.</summary>
    /// <exception cref="UnauthorizedAccessException">The directory is not ours to look into.</exception>
    public static string? FindHolder(string directory) => StateLock.FindHolder(directory);

    /// <summary>Which of these outbound associations have no record in a directory that nobody may hold. Changes nothing.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not ours to read.</exception>
    public static IReadOnlySet<AssociationFingerprint> FindMissing(string directory, IEnumerable<AssociationFingerprint> outbound)
    {
        string journal = Path.Combine(directory, JournalName);
        JournalContents contents = JournalContents.Read(File.Exists(journal) ? File.ReadAllBytes(journal) : []);
        return outbound.Where(fingerprint => !contents.Newest.ContainsKey(KeyOf(fingerprint, AssociationDirection.Outbound))).ToHashSet();
    }

    /// <exception cref="StateUnavailableException">So much of the journal was damaged that numbers may be lost.</exception>
    public void RequireIntact()
    {
        if (_journal.LostRecords > 0)
        {
            throw RefuseDamage(_journal.LostRecords);
        }
    }

    /// <summary>Whether there is a record of the association: its keys have been used, or were declared unused.</summary>
    public bool HasRecord(AssociationFingerprint fingerprint, AssociationDirection direction) =>
        _journal.HasRecord(KeyOf(fingerprint, direction));

    /// <summary>Makes each outbound record that is missing, in one flush, and touches none that is there.</summary>
    /// <returns>One state a pair.</returns>
    /// <exception cref="StateUnavailableException">Records cannot be written.</exception>
    public ImmutableArray<RecordState> DeclareUnused(IReadOnlyCollection<(AssociationFingerprint Inbound, AssociationFingerprint Outbound)> pairs)
    {
        ImmutableArray<RecordState> states = [.. pairs.Select(pair => HasRecord(pair.Outbound, AssociationDirection.Outbound) ? RecordState.Kept
            : HasRecord(pair.Inbound, AssociationDirection.Inbound) ? RecordState.Lost
            : RecordState.Made)];
        ImmutableArray<OutboundRecord> records =
            OpenOutbound([.. pairs.Where((_, i) => states[i] == RecordState.Made).Select(pair => pair.Outbound).Distinct()]);
        Close(records.Select(record => (record, record.First)), []);
        return states;
    }

    /// <summary>The counter of an outbound association, its first block reserved.</summary>
    /// <exception cref="StateUnavailableException">Nothing could be reserved: the association must not be used.</exception>
    public OutboundRecord OpenOutbound(AssociationFingerprint fingerprint) => OpenOutbound([fingerprint])[0];

    /// <summary>The counters of outbound associations, all their first blocks reserved in one flush.</summary>
    /// <exception cref="StateUnavailableException">Not all could be reserved: none of the associations may be used.</exception>
    public ImmutableArray<OutboundRecord> OpenOutbound(IReadOnlyCollection<AssociationFingerprint> fingerprints)
    {
        ArgumentNullException.ThrowIfNull(fingerprints);
        var records = new List<OutboundRecord>(fingerprints.Count);
        try
        {
            _journal.RequestTogether(() => records.AddRange(fingerprints.Select(OpenUnreserved)));
            if (_journal.Commit() is Exception exception && !records.TrueForAll(record => record.HasFirstBlock))
            {
                throw StateUnavailableException.Of(Folder, exception);
            }

            return [.. records];
        }
        catch
        {
            records.ForEach(record => record.Abandon());
            throw;
        }
    }

    /// <summary>The replay window's top of an inbound association.</summary>
    /// <exception cref="StateUnavailableException">The page has no room for it, and cannot grow.</exception>
    public InboundRecord OpenInbound(AssociationFingerprint fingerprint)
    {
        JournalEntry entry = _journal.Open(KeyOf(fingerprint, AssociationDirection.Inbound));
        try
        {
            return new InboundRecord(_journal, entry, _tops.Open(fingerprint), _logger);
        }
        catch (Exception exception)
        {
            _journal.Release(entry);
            throw StateUnavailableException.Of(Folder, exception);
        }
    }

    /// <summary>
    /// Takes over what something else counted under the same keys, in one flush: the first number that an outbound association may
    /// use, a number that an inbound one has not passed. A record that says more stays.
    /// </summary>
    /// <exception cref="StateUnavailableException">The disk refuses: nothing is taken over.</exception>
    public void Raise(IEnumerable<(AssociationFingerprint Fingerprint, AssociationDirection Direction, ulong Number)> counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        var entries = new List<JournalEntry>();
        _journal.RequestTogether(() =>
        {
            foreach ((AssociationFingerprint fingerprint, AssociationDirection direction, ulong number) in counters)
            {
                JournalEntry entry = _journal.Open(KeyOf(fingerprint, direction));
                entries.Add(entry);
                if (!entry.HasRecord || entry.Durable < number)
                {
                    _journal.Request(entry, number);
                }
            }
        });
        Exception? refused = _journal.Commit();
        entries.ForEach(_journal.Release);
        if (refused is not null)
        {
            throw StateUnavailableException.Of(Folder, refused);
        }
    }

    /// <summary>The first number that an outbound association has not used; null where there is no record.</summary>
    public ulong? FindNext(AssociationFingerprint outbound)
    {
        JournalEntry entry = _journal.Open(KeyOf(outbound, AssociationDirection.Outbound));
        _journal.Release(entry);
        return entry.HasRecord ? entry.Durable : null;
    }

    /// <summary>A number that the highest one received has not passed, exact where possible; null where there is no record.</summary>
    public ulong? FindTop(AssociationFingerprint inbound)
    {
        JournalEntry entry = _journal.Open(KeyOf(inbound, AssociationDirection.Inbound));
        _journal.Release(entry);
        return _tops.Find(inbound) ?? (entry.HasRecord ? entry.Durable : null);
    }

    /// <summary>The number that the highest one received has not passed, from a directory that anybody may hold. Changes nothing.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not ours to read.</exception>
    public static ulong? PeekMark(string directory, AssociationFingerprint inbound)
    {
        var contents = JournalContents.Read(File.ReadAllBytes(Path.Combine(directory, JournalName)));
        return contents.Newest.TryGetValue(KeyOf(inbound, AssociationDirection.Inbound), out JournalRecord record) ? record.Value : null;
    }

    /// <summary>
    /// A clean stop of many associations in one flush: the first number that each outbound one did not use, and the highest
    /// that each inbound one received.
    /// </summary>
    public void Close(
        IEnumerable<(OutboundRecord Record, ulong Next)> outbound, IEnumerable<(InboundRecord Record, ulong Top)> inbound)
    {
        _journal.RequestTogether(() =>
        {
            foreach ((OutboundRecord record, ulong next) in outbound)
            {
                record.RequestClose(next);
            }

            foreach ((InboundRecord record, ulong top) in inbound)
            {
                record.RequestClose(top);
            }
        });
        _journal.Commit();
    }

    /// <summary>Lets go of the directory; what was not closed before is as after a kill.</summary>
    public void Dispose()
    {
        _journal.Dispose();
        _tops.Dispose();
        _lock?.Dispose();
    }

    private StateUnavailableException RefuseDamage(int records) => new(
        $"state_dir {Folder}: {records} places of the journal are damaged, so numbers may be lost, and with them what keeps nonces from "
        + "repeating: make new keys for each peer of aes-gcm-16 or chacha20-poly1305: natt-tun keygen --suite NAME");

    private static JournalKey KeyOf(AssociationFingerprint fingerprint, AssociationDirection direction) =>
        new(direction == AssociationDirection.Outbound ? JournalKind.OutboundLimit : JournalKind.InboundMark, fingerprint);

    private OutboundRecord OpenUnreserved(AssociationFingerprint fingerprint) =>
        new(_journal, _journal.Open(KeyOf(fingerprint, AssociationDirection.Outbound)));

    private static void Create(string directory, Action<string> syncDirectory)
    {
        if (File.Exists(directory))
        {
            throw new StateUnavailableException($"state_dir {directory} is a file: remove it, or name a folder as state_dir");
        }

        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory, OwnerOnly);
            syncDirectory(Path.GetDirectoryName(directory)!);
        }

        StateAccess.RequirePrivate(directory);
    }

    private static Guid ReadBootId() => Guid.Parse(File.ReadAllText(BootIdPath).Trim());
}
