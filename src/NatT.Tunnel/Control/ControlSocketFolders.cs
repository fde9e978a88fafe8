using System.Collections.Immutable;

namespace NatT.Tunnel.Control;

/// <summary>
/// Where control sockets lie: in a folder for each network namespace, whose processes alone share names of devices. Only
/// its owner may enter it.
/// </summary>
/// <param name="Roots">Folders for our folders, best first.</param>
/// <param name="NamespaceId">The network namespace's inode number.</param>
public sealed record ControlSocketFolders(ImmutableArray<string> Roots, string NamespaceId)
{
    private const string Extension = ".sock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// <c>/run/natt-tun</c>; for a natt-tun without the right to make that, the user's own run-time folder or, without one,
    /// the state directory.
    /// </summary>
    public static ControlSocketFolders OfThisProcess(string stateDirectory)
    {
        string? userRoot = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        ImmutableArray<string> roots = string.IsNullOrEmpty(userRoot)
            ? ["/run/natt-tun", Path.Combine(stateDirectory, "control")]
            : ["/run/natt-tun", Path.Combine(userRoot, "natt-tun"), Path.Combine(stateDirectory, "control")];

        // net:[4026531840]
        string? link = new FileInfo("/proc/self/ns/net").LinkTarget;
        return new ControlSocketFolders(roots, link is null ? "unknown" : new string([.. link.Where(char.IsAsciiDigit)]));
    }

    /// <summary>The device's socket below each root, best first.</summary>
    public IEnumerable<string> PathsFor(string device) =>
        Roots.Select(root => Path.Combine(root, NamespaceId, device + Extension));

    /// <summary>Every socket of this namespace that can be seen, stale ones included.</summary>
    /// <exception cref="UnauthorizedAccessException">There are folders that this user may not look into, and no others.</exception>
    public IReadOnlyList<string> FindAll()
    {
        var found = new List<string>();
        UnauthorizedAccessException? refusal = null;
        foreach (string folder in Roots.Select(root => Path.Combine(root, NamespaceId)))
        {
            try
            {
                found.AddRange(Directory.EnumerateFiles(folder, "*" + Extension).Order(StringComparer.Ordinal));
            }
            catch (DirectoryNotFoundException)
            {
            }
            catch (UnauthorizedAccessException e)
            {
                refusal = e;
            }
        }

        return found.Count > 0 || refusal is null ? found : throw refusal;
    }

    /// <summary>The device that a socket is for.</summary>
    public static string DeviceOf(string path) => Path.GetFileNameWithoutExtension(path);

    /// <summary>Takes a socket's file away, and its folders where nothing else is in them.</summary>
    /// <exception cref="UnauthorizedAccessException">This user may not.</exception>
    public static void Remove(string path)
    {
        // .NET has taken the file away where the listener was closed by now.
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(path);
            TryRemoveFoldersOf(path);
        }
    }

    /// <summary>Makes the folders of a socket, for their owner alone.</summary>
    internal static void MakeFoldersFor(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        foreach (string each in new[] { Path.GetDirectoryName(folder)!, folder })
        {
            Directory.CreateDirectory(each, OwnerOnly);

            // Fails where it was there before and is somebody else's.
            File.SetUnixFileMode(each, OwnerOnly);
        }
    }

    /// <summary>Takes those away again, unless there is something else in them.</summary>
    private static void TryRemoveFoldersOf(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.Delete(folder);
            Directory.Delete(Path.GetDirectoryName(folder)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
