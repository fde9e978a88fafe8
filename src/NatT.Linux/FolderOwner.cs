using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>Gives a folder of root's, and the files in it, to another user.</summary>
public static class FolderOwner
{
    /// <summary>Nothing is followed: links, and files that have other names elsewhere, stay whose they are.</summary>
    /// <remarks>The caller knows that nobody but root could write to the folder so far.</remarks>
    /// <exception cref="LinuxException">It cannot be given away.</exception>
    public static void Give(string path, UserAccount user)
    {
        ArgumentNullException.ThrowIfNull(user);
        using var folder = new Descriptor(Libc.open(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC));
        if (folder.IsInvalid)
        {
            throw LinuxException.FromLastError("open", $"cannot open {path}");
        }

        foreach (string file in Directory.EnumerateFiles($"/proc/self/fd/{folder.Number}"))
        {
            using var opened = new Descriptor(Libc.open(file, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC));
            if (!opened.IsInvalid && IsPlain(opened))
            {
                Give(opened, file, user);
            }
        }

        Give(folder, path, user);
    }

    private static bool IsPlain(Descriptor file) =>
        Libc.statx(file.Number, "", Libc.AT_EMPTY_PATH, Libc.STATX_TYPE | Libc.STATX_NLINK, out StatusBuffer status) == 0
        && (status.Mode & Libc.IFMT) == Libc.IFREG
        && status.Links == 1;

    private static void Give(Descriptor file, string path, UserAccount user)
    {
        if (Libc.fchown(file, user.UserId, user.GroupId) < 0)
        {
            throw LinuxException.FromLastError("fchown", $"cannot give {path} to user {user.Name}");
        }
    }
}
