namespace NatT.Tunnel.State;

/// <summary>The journal on a real file system.</summary>
internal sealed class JournalFile : IJournalFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int LargestLength = 1 << 30;

    private readonly string _path;
    private readonly Action<string> _syncDirectory;
    private FileStream _file;
    private bool _isNameDurable;

    public JournalFile(string path, Action<string> syncDirectory)
    {
        _path = path;
        _syncDirectory = syncDirectory;
        _file = Open(path, FileMode.OpenOrCreate);
        Length = _file.Length;
    }

    public long Length { get; private set; }

    public byte[] Read()
    {
        if (Length > LargestLength)
        {
            throw new IOException($"{_path} is {Length} octets long and cannot be a journal");
        }

        byte[] octets = new byte[Length];
        int read = 0;
        while (read < octets.Length)
        {
            int count = RandomAccess.Read(_file.SafeFileHandle, octets.AsSpan(read), read);
            if (count == 0)
            {
                throw new EndOfStreamException($"{_path} shrank while it was read");
            }

            read += count;
        }

        return octets;
    }

    public void Append(ReadOnlySpan<byte> octets)
    {
        SyncName();
        RandomAccess.Write(_file.SafeFileHandle, octets, Length);
        Length += octets.Length;
    }

    public void Replace(ReadOnlySpan<byte> octets)
    {
        string successor = _path + ".new";
        File.Delete(successor);
        FileStream file = Open(successor, FileMode.CreateNew);
        try
        {
            RandomAccess.Write(file.SafeFileHandle, octets, 0);
            File.Move(successor, _path, overwrite: true);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _file.Dispose();
        _file = file;
        Length = octets.Length;
        _isNameDurable = false;
        SyncName();
    }

    public void Dispose() => _file.Dispose();

    // WriteThrough is O_SYNC: a write returns once it is durable. An fsync of its own would cost the same, but
    // RandomAccess.FlushToDisk takes EROFS for success, which is what a file system answers that has just given up.
    private static FileStream Open(string path, FileMode mode) =>
        new(path, new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            Options = FileOptions.WriteThrough,
            BufferSize = 0,
            UnixCreateMode = OwnerOnly,
        });

    // Until the directory is on disk, a crash may bring the old file back under this name, and records appended to the
    // new one would be lost with it. So nothing counts before that.
    private void SyncName()
    {
        if (_isNameDurable)
        {
            return;
        }

        _syncDirectory(Path.GetDirectoryName(_path)!);
        _isNameDurable = true;
    }
}
