using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>What this process may do in a folder.</summary>
public static class FolderAccess
{
    /// <summary>Returns where files can be made in the folder, without making one.</summary>
    /// <exception cref="LinuxException">They cannot.</exception>
    public static void RequireWritable(string path)
    {
        if (Libc.faccessat(Libc.AT_FDCWD, path, Libc.W_OK | Libc.X_OK, Libc.AT_EACCESS) == 0)
        {
            return;
        }

        Errno error = Libc.LastError;
        throw new LinuxException("access", error, error switch
        {
            Errno.EROFS => $"{path} is on a file system mounted read-only: mount it writable",
            Errno.EACCES => $"user {EffectiveUser.Id} may not write to {path}: start natt-tun as its owner, or as root (sudo)",
            _ => $"cannot write to {path}",
        });
    }
}
