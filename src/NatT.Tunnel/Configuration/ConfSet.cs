using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace NatT.Tunnel.Configuration;

/// <summary>The confs of all peers that one natt-tun serves, or everything that is wrong with any of them or between them.</summary>
/// <remarks>Owns the confs with their keys.</remarks>
public sealed class ConfSet : IDisposable
{
    private ConfSet(ImmutableArray<PeerConf> peers)
    {
        Peers = peers;
        Process = ProcessConf.Of(peers);
    }

    private ConfSet(ImmutableArray<ConfProblem> problems) => Problems = problems;

    /// <summary>In the order in which the files were named; at least one where the set is valid, else none, and none once it is disposed.</summary>
    public ImmutableArray<PeerConf> Peers { get; private set; } = [];

    /// <summary>What the files say of the process as a whole; null where there are problems.</summary>
    public ProcessConf? Process { get; }

    /// <summary>File by file, then what lies between files; empty where the set is valid.</summary>
    public ImmutableArray<ConfProblem> Problems { get; } = [];

    [MemberNotNullWhen(true, nameof(Process))]
    public bool IsValid => Process is not null;

    /// <summary>Loads files, and folders as the <c>*.conf</c> in them by name; no state of any of them throws.</summary>
    /// <param name="paths">One at least.</param>
    /// <param name="inspect">Looks at a file or folder.</param>
    public static ConfSet Load(IEnumerable<string> paths, ConfFileInspector inspect)
    {
        var problems = new List<ConfProblem>();
        return Parse(Fetch(paths, inspect, problems), problems);
    }

    /// <summary>Reads the files of <see cref="Load"/> one by one; the caller disposes each.</summary>
    /// <param name="paths">One at least.</param>
    /// <param name="inspect">Looks at a file or folder.</param>
    /// <param name="problems">Gets those of no file, before the first.</param>
    public static IEnumerable<ConfOctets> Fetch(IEnumerable<string> paths, ConfFileInspector inspect, ICollection<ConfProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(inspect);
        ArgumentNullException.ThrowIfNull(problems);
        var folders = new ConfFolders(inspect);
        var search = new List<ConfProblem>();
        List<string> files = ConfSearch.Find(paths, folders, search);
        search.ForEach(problems.Add);
        return files.Select(file => ConfReader.Fetch(file, folders));
    }

    /// <summary>Makes a set of what was fetched, disposing each file's text.</summary>
    /// <param name="texts">One a file.</param>
    /// <param name="problems">Of no file.</param>
    public static ConfSet Parse(IEnumerable<ConfOctets> texts, IEnumerable<ConfProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(problems);
        var ofFiles = new List<ConfProblem>();
        var confs = new List<PeerConf>();
        foreach (ConfOctets text in texts)
        {
            using ConfOctets wiped = text;
            ConfResult result = ConfReader.Read(text);
            ofFiles.AddRange(result.Problems);
            if (result.IsValid)
            {
                confs.Add(result.Conf);
            }
        }

        return Compose([.. confs], [.. problems, .. ofFiles]);
    }

    /// <summary>Takes the confs over, in one set if they go together.</summary>
    internal static ConfSet Compose(ImmutableArray<PeerConf> confs, IEnumerable<ConfProblem> problems)
    {
        ImmutableArray<ConfProblem> all = [.. problems, .. ConfConflicts.Find(confs)];
        if (all.IsEmpty && !confs.IsEmpty)
        {
            return new ConfSet(PeerNames.MakeUnique(confs));
        }

        Wipe(confs);
        return new ConfSet(all);
    }

    /// <summary>Wipes all keys; what else the confs say stays.</summary>
    public void WipeKeys() => Wipe(Peers);

    /// <summary>Wipes all keys and lets go of the confs: those of thousands of peers are more than the peers.</summary>
    public void Dispose()
    {
        WipeKeys();
        Peers = [];
    }

    private static void Wipe(ImmutableArray<PeerConf> confs)
    {
        foreach (PeerConf conf in confs)
        {
            conf.Dispose();
        }
    }
}
