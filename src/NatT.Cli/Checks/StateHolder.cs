using System.Globalization;

namespace NatT.Cli.Checks;

/// <summary>The natt-tun that holds a state directory, by the line it left there: <c>pid 123, FILE, FOLDER, …</c>.</summary>
internal static class StateHolder
{
    private const string Pid = "pid ";

    /// <summary>Whether the holder runs one of these confs: then device, port and routes are in use by right.</summary>
    public static bool Runs(string holder, IEnumerable<string> confFiles)
    {
        string[] parts = holder.Split(", ");
        if (!parts[0].StartsWith(Pid, StringComparison.Ordinal)
            || !int.TryParse(parts[0].AsSpan(Pid.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int processId))
        {
            return false;
        }

        string[] held = [.. parts[1..].Select(path => FullPath(path, processId))];
        return confFiles.Select(Path.GetFullPath).Any(file => held.Contains(file) || held.Contains(Path.GetDirectoryName(file)));
    }

    // Its paths may be relative to where it was started, which is not where we are.
    private static string FullPath(string path, int processId)
    {
        string? folder = null;
        try
        {
            folder = new FileInfo($"/proc/{processId}/cwd").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just ended, or is another user's: an absolute path needs no folder.
        }

        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, folder ?? "/"));
    }
}
