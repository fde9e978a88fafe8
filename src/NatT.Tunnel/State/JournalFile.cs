using Microsoft.Win32.SafeHandles;

namespace NatT.Tunnel.State;

/// <summary>The journal on a real file system.</summary>
internal sealed class JournalFile : IJournalFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int LargestLength = 1 << 30;

    private readonly string _path;
    private readonly Action<string> _syncDirectory;
    private SafeFileHandle _handle;
    private bool _isNameDurable;

    public JournalFile(string path, Action<string> syncDirectory)
    {
        _path = path;
        _syncDirectory = syncDirectory;
        _handle = Open(path, FileMode.OpenOrCreate);
        Length = RandomAccess.GetLength(_handle);
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
            int count = RandomAccess.Read(_handle, octets.AsSpan(read), read);
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
        RandomAccess.Write(_handle, octets, Length);
        Length += octets.Length;
    }

    public void Replace(ReadOnlySpan<byte> octets)
    {
        string successor = _path + ".new";
        File.Delete(successor);
        SafeFileHandle handle = Open(successor, FileMode.CreateNew);
        try
        {
            RandomAccess.Write(handle, octets, 0);
            File.Move(successor, _path, overwrite: true);
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        _handle.Dispose();
        _handle = handle;
        Length = octets.Length;
        _isNameDurable = false;
        SyncName();
    }

    public void Dispose() => _handle.Dispose();

    // WriteThrough is O_SYNC: a write returns once it is durable. An fsync of its own would cost the same, but
    // RandomAccess.FlushToDisk takes EROFS for success, which is what a file system answers that has just given up.
    private static SafeFileHandle Open(string path, FileMode mode)
    {
        SafeFileHandle handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read, FileOptions.WriteThrough);
        File.SetUnixFileMode(handle, OwnerOnly);
        return handle;
    }

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
