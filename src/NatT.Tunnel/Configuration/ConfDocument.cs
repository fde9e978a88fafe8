using System.Collections.Immutable;

namespace NatT.Tunnel.Configuration;

/// <summary>One conf file while it is read: its entries, and what there is to say about them.</summary>
internal sealed class ConfDocument(string file)
{
    private const int MaxProblems = 100;

    private readonly Dictionary<string, ConfEntry> _entries = [];
    private readonly HashSet<string> _unreadable = [];
    private readonly List<ConfProblem> _problems = [];
    private readonly List<(int Line, ConfNotice Notice)> _notices = [];

    public string File { get; } = file;

    /// <summary>Where missing keys are reported.</summary>
    public int LastLine { get; set; } = 1;

    public bool HasProblems => _problems.Count > 0;

    /// <summary>So many that the file is probably something else.</summary>
    public bool HasTooManyProblems => _problems.Count >= MaxProblems;

    /// <summary>In the order of their lines.</summary>
    public ImmutableArray<ConfProblem> Problems => [.. _problems.OrderBy(problem => problem.Line)];

    /// <summary>In the order of their lines.</summary>
    public ImmutableArray<ConfNotice> Notices => [.. _notices.OrderBy(notice => notice.Line).Select(notice => notice.Notice)];

    /// <summary>Where each key stands, by its first name.</summary>
    public IReadOnlyDictionary<string, ConfPlace> Places =>
        _entries.ToDictionary(pair => pair.Key, pair => new ConfPlace(pair.Value.Line, pair.Value.WrittenAs));

    /// <summary>The key's entry; null where it is absent or empty.</summary>
    public ConfEntry? Find(string key) => _entries.GetValueOrDefault(key);

    /// <summary>Adds an entry; of two with the same key the first stays and the second is a problem.</summary>
    public void Add(ConfEntry entry)
    {
        // An empty value is an unset key: the scripts' template is full of them.
        if (entry.Octets.IsEmpty || _entries.TryAdd(entry.Key, entry))
        {
            return;
        }

        ConfEntry first = _entries[entry.Key];
        Refuse(entry, first.WrittenAs == entry.WrittenAs
            ? $"already given on line {first.Line}, remove one of the two"
            : $"another name for {first.WrittenAs} on line {first.Line}, remove one of the two");
    }

    public void Refuse(ConfEntry entry, string text) => Refuse(entry.Line, entry.WrittenAs, text);

    public void Refuse(int line, string? key, string text) => _problems.Add(new ConfProblem(File, line, key, text));

    public void RefuseFile(string text) => Refuse(0, null, text);

    /// <summary>A value whose quotes are no good: its key is not missing.</summary>
    public void RefuseUnreadable(int line, string key, string writtenAs, string text)
    {
        _unreadable.Add(key);
        Refuse(line, writtenAs, text);
    }

    public void RefuseMissing(string key, string text)
    {
        if (!_unreadable.Contains(key))
        {
            Refuse(LastLine, key, text);
        }
    }

    public void Warn(ConfEntry entry, string text) => Notify(isWarning: true, entry, text);

    public void Inform(ConfEntry entry, string text) => Notify(isWarning: false, entry, text);

    private void Notify(bool isWarning, ConfEntry entry, string text) =>
        _notices.Add((entry.Line, new ConfNotice(isWarning, ConfLine.Format(File, entry.Line, entry.WrittenAs, text))));
}
