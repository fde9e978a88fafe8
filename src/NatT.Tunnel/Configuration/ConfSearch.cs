namespace NatT.Tunnel.Configuration;

/// <summary>Finds the conf files that the command line means.</summary>
internal static class ConfSearch
{
    private const string Pattern = "*.conf";

    // As a shell's *.conf: no names with a dot in front, which is what editors leave behind.
    private static readonly EnumerationOptions AsAShell = new()
    {
        MatchType = MatchType.Simple,
        MatchCasing = MatchCasing.CaseSensitive,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.Hidden,
    };

    /// <summary>The files in the order of the paths, those of a folder by name. Whether a file exists is its reader's business.</summary>
    public static List<string> Find(IEnumerable<string> paths, ConfFolders folders, List<ConfProblem> problems)
    {
        var files = new List<string>();
        var seen = new HashSet<string>();
        foreach (string file in paths.SelectMany(path => Directory.Exists(path) ? FilesIn(path, folders, problems) : [path]))
        {
            if (seen.Add(Identify(file)))
            {
                files.Add(file);
            }
            else
            {
                problems.Add(new ConfProblem(file, 0, null, "named twice on the command line, name it once"));
            }
        }

        return files;
    }

    private static string[] FilesIn(string folder, ConfFolders folders, List<ConfProblem> problems)
    {
        try
        {
            string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
            problems.AddRange(folders.TakeProblemsOfSearched(full).Select(text => new ConfProblem(folder, 0, null, text)));
            string[] files = [.. Directory.EnumerateFiles(folder, Pattern, AsAShell).Order(StringComparer.Ordinal)];
            if (files.Length == 0)
            {
                problems.Add(new ConfProblem(folder, 0, null, $"no {Pattern} in this folder, put one file for each peer there"));
            }

            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new ConfProblem(folder, 0, null, ConfFile.Explain(e)));
            return [];
        }
    }

    private static string Identify(string file) => file.Length == 0 || file.Contains('\0', StringComparison.Ordinal) ? file : Path.GetFullPath(file);
}
