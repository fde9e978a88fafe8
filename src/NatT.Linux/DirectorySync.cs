using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>Makes names durable: fsync(2) of a file keeps its content, not its directory entry.</summary>
public static class DirectorySync
{
    /// <summary>Returns when creations, renames and removals in the directory would survive a power cut.</summary>
    /// <exception cref="LinuxException">They might not.</exception>
    public static void Flush(string directoryPath)
    {
        using var directory = new Descriptor(Libc.open(directoryPath, Libc.O_RDONLY | Libc.O_CLOEXEC));
        if (directory.IsInvalid)
        {
            throw LinuxException.FromLastError("open", $"cannot open directory {directoryPath}");
        }

        while (Libc.fsync(directory) < 0)
        {
            if (Libc.LastError != Errno.EINTR)
            {
                throw LinuxException.FromLastError("fsync", $"cannot make changes in {directoryPath} durable");
            }
        }
    }
}
