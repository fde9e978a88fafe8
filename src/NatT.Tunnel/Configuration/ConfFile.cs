using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace NatT.Tunnel.Configuration;

/// <summary>Fetches a conf file's octets, and says who else could read or change them.</summary>
internal static class ConfFile
{
    /// <summary>Octets.</summary>
    public const int MaxLength = 1 << 20;

    private const UnixFileMode AnyAccessByOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads the file into pinned memory, which the caller wipes; null where there is nothing to parse.</summary>
    /// <remarks>Wrong owners and permissions do not keep the other problems from being told.</remarks>
    public static byte[]? TryRead(ConfDocument document, ConfFolders folders, out int length)
    {
        length = 0;
        try
        {
            return IsRegular(document, folders) ? TryReadOctets(document, out length) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            document.RefuseFile(Explain(e));
            return null;
        }
    }

    private static bool IsRegular(ConfDocument document, ConfFolders folders)
    {
        string path = document.File;

        // Throws where the file is missing or out of reach, which tells the two apart.
        File.GetAttributes(path);
        if (File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: false })
        {
            document.RefuseFile("a link that leads nowhere, remove it or set it right");
            return false;
        }

        ConfFileFacts file = folders.Inspect(path);
        if (file.Kind != ConfFileKind.Regular)
        {
            document.RefuseFile(file.Kind == ConfFileKind.Directory
                ? "a folder, name a file in it"
                : "no regular file, copy its content to a file with mode 600");
            return false;
        }

        CheckFile(document, file);
        foreach (string folder in FoldersOf(path))
        {
            foreach (string problem in folders.TakeProblems(folder))
            {
                document.RefuseFile(problem);
            }
        }

        return true;
    }

    private static void CheckFile(ConfDocument document, ConfFileFacts facts)
    {
        string path = ConfLine.ShellQuote(document.File);
        if (!facts.IsOwnerTrusted)
        {
            document.RefuseFile($"belongs to uid {facts.OwnerUid}, neither root nor the user starting natt-tun, run: chown root {path}");
        }

        if ((facts.Mode & AnyAccessByOthers) != 0)
        {
            document.RefuseFile($"accessible to others than its owner, run: chmod 600 {path}");
        }
    }

    // Where the file is a link, whoever may write the folder it leads to may replace it as well.
    private static IEnumerable<string> FoldersOf(string path)
    {
        string full = Path.GetFullPath(path);
        string target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? full;
        return new[] { full, target }.Select(name => Path.GetDirectoryName(name) ?? "/").Distinct();
    }

    private static byte[]? TryReadOctets(ConfDocument document, out int length)
    {
        using SafeFileHandle handle =
            File.OpenHandle(document.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        // One octet more than allowed tells a longer file from one that just fits.
        byte[] octets = GC.AllocateUninitializedArray<byte>((int)Math.Min(RandomAccess.GetLength(handle), MaxLength) + 1, pinned: true);
        length = 0;
        while (length < octets.Length)
        {
            int read = RandomAccess.Read(handle, octets.AsSpan(length), length);
            if (read == 0)
            {
                return octets;
            }

            length += read;
        }

        CryptographicOperations.ZeroMemory(octets);
        document.RefuseFile(length > MaxLength
            ? "larger than 1 MiB, is this a conf file of natt-tun?"
            : "grew while it was read, try again");
        return null;
    }

    /// <summary>Why a file or folder could not be read.</summary>
    public static string Explain(Exception e) => e switch
    {
        FileNotFoundException => "no such file, check the name",
        DirectoryNotFoundException => "no such folder, check the path",
        UnauthorizedAccessException => "permission denied, start natt-tun as the file's owner or as root",
        PathTooLongException => "name too long, move the file",
        ArgumentException => "no usable file name, check it",
        _ => $"cannot be read ({e.Message.ReplaceLineEndings(" ")}), check the file",
    };
}
