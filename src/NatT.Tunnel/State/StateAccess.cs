namespace NatT.Tunnel.State;

/// <summary>Who may touch the records: what others wrote could make numbers repeat.</summary>
public static class StateAccess
{
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode OpenToOthers = WritableByOthers
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // Its fourth file, the holder's name, is made anew at each start.
    private static readonly string[] Kept = [StateStore.JournalName, StateStore.TopsName, StateLock.Name];

    /// <summary>Judges a directory that is there, and the files that it has.</summary>
    /// <exception cref="StateUnavailableException">Others than the owner may write to it, or open a file.</exception>
    public static void RequirePrivate(string directory)
    {
        if ((File.GetUnixFileMode(directory) & WritableByOthers) != 0)
        {
            throw new StateUnavailableException(
                $"state_dir {directory}: others than its owner may write to it; run: chmod go-w '{directory}'");
        }

        string[] open = [.. Kept.Where(name => IsOpenToOthers(Path.Combine(directory, name)))];
        if (open.Length > 0)
        {
            string paths = string.Join(' ', open.Select(name => $"'{Path.Combine(directory, name)}'"));
            throw new StateUnavailableException(
                $"state_dir {directory}: others than the owner may open {string.Join(", ", open)}; run: chmod 600 {paths}");
        }
    }

    // Existence and mode are of one look, whatever happens to the file meanwhile.
    private static bool IsOpenToOthers(string path)
    {
        var file = new FileInfo(path);
        return file.Exists && (file.UnixFileMode & OpenToOthers) != 0;
    }
}
