namespace NatT.Tunnel.State;

/// <summary>
/// The right to use a state directory, held by one process. The kernel takes it back when the process ends, however it
/// ends, so its file is left in place. Its holder's name lies in a second file: .NET reads no file that another has locked.
/// </summary>
internal sealed class StateLock : IDisposable
{
    public const string Name = "lock";

    private const int WouldBlock = 11;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _file;

    private StateLock(FileStream file)
    {
        _file = file;
    }

    public static StateLock Take(string directory, string holder)
    {
        string holderPath = Path.Combine(directory, "holder");
        string lockPath = Path.Combine(directory, Name);
        FileStream? file = TryLock(lockPath) ?? throw new StateLockedException(
            $"state_dir {directory} is in use by {ReadHolder(holderPath)}; give this natt-tun a state_dir of its own, or stop that one");
        try
        {
            RefuseWhereLocksDoNotWork(directory, lockPath);
            File.Delete(holderPath);
            using var writer = new StreamWriter(holderPath, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.Read,
                UnixCreateMode = OwnerOnly,
            });
            writer.WriteLine(holder);
            return new StateLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Who holds the directory at the moment, as it called itself; null: nobody. Takes nothing and makes nothing.</summary>
    public static string? FindHolder(string directory)
    {
        string path = Path.Combine(directory, Name);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            // FileShare.Read is a shared lock: refused while another has it alone, and gone before anyone can mind it.
            using var probe = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return null;
        }
        catch (IOException exception) when (exception.HResult == WouldBlock)
        {
            return ReadHolder(Path.Combine(directory, "holder"));
        }
    }

    public void Dispose() => _file.Dispose();

    // FileShare.None is flock(2). It belongs to the open file, so a second open of our own is refused as any other's.
    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
            });
        }
        catch (IOException exception) when (exception.HResult == WouldBlock)
        {
            return null;
        }
    }

    // .NET ignores a file system that cannot lock, and can be told to lock nothing; we would notice neither.
    private static void RefuseWhereLocksDoNotWork(string directory, string lockPath)
    {
        using FileStream? second = TryLock(lockPath);
        if (second is not null)
        {
            throw new StateUnavailableException(
                $"state_dir {directory}: files cannot be locked there; set state_dir to a directory on a local disk");
        }
    }

    private static string ReadHolder(string path)
    {
        try
        {
            string holder = File.ReadAllText(path).Trim();
            return holder.Length > 0 ? holder : "another natt-tun";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "another natt-tun";
        }
    }
}
