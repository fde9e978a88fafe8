namespace NatT.Tunnel.Configuration;

/// <summary>Who else could change the folders that confs lie in. Each folder is looked at once and complained of once.</summary>
internal sealed class ConfFolders(ConfFileInspector inspect)
{
    private const UnixFileMode WritingByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly HashSet<string> _seen = [];

    public ConfFileInspector Inspect { get; } = inspect;

    /// <summary>What is wrong with the folder of a conf; nothing where that was said before.</summary>
    public IEnumerable<string> TakeProblems(string folder) => _seen.Add(folder)
        ? Problems(folder, "its folder", mayBeSticky: true)
        : [];

    /// <summary>What is wrong with a folder that is searched for confs. Where others may add files, a sticky one will not do.</summary>
    public IEnumerable<string> TakeProblemsOfSearched(string folder) => _seen.Add(folder)
        ? Problems(folder, "this folder", mayBeSticky: false)
        : [];

    private IEnumerable<string> Problems(string folder, string subject, bool mayBeSticky)
    {
        ConfFileFacts facts = Inspect(folder);
        string shown = ConfLine.ShellQuote(folder);
        if (!facts.IsOwnerTrusted)
        {
            yield return $"{subject} belongs to uid {facts.OwnerUid}, neither root nor the user starting natt-tun, run: chown root {shown}";
        }

        // In a sticky folder, such as /tmp, others cannot replace a file that is not theirs.
        bool isSticky = mayBeSticky && (facts.Mode & UnixFileMode.StickyBit) != 0;
        if ((facts.Mode & WritingByOthers) != 0 && !isSticky)
        {
            yield return $"{subject} is writable by others, run: chmod go-w {shown}";
        }
    }
}
