using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>Who owns a file and who may do what with it.</summary>
/// <param name="OwnerId">User id of the owner.</param>
/// <param name="Mode">Permission bits, set-id and sticky bits included.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="IsRegular">Whether it is a regular file.</param>
public readonly record struct FileStatus(uint OwnerId, UnixFileMode Mode, bool IsDirectory, bool IsRegular)
{
    private const int TypeMask = 0xF000;
    private const int DirectoryType = 0x4000;
    private const int RegularType = 0x8000;

    /// <summary>Reads the status of what <paramref name="path"/> leads to, symbolic links followed.</summary>
    /// <exception cref="LinuxException">There is no such file, or it cannot be reached.</exception>
    public static FileStatus Read(string path)
    {
        const uint wanted = Libc.STATX_TYPE | Libc.STATX_MODE | Libc.STATX_UID;
        if (Libc.statx(Libc.AT_FDCWD, path, flags: 0, wanted, out StatusBuffer status) < 0)
        {
            throw LinuxException.FromLastError("statx", $"cannot look at {path}");
        }

        return new FileStatus(
            status.OwnerId,
            (UnixFileMode)(status.Mode & ~TypeMask),
            (status.Mode & TypeMask) == DirectoryType,
            (status.Mode & TypeMask) == RegularType);
    }
}
