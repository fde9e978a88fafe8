namespace NatT.Cli;

/// <summary>Files for their owner's eyes alone.</summary>
internal static class PrivateFile
{
    /// <summary>Makes the file with mode 600 and this content, durably; a failed attempt leaves none.</summary>
    /// <exception cref="IOException">There is one of that name already, be it only a link, or the disk refuses.</exception>
    public static void Create(string path, ReadOnlySpan<byte> octets)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            BufferSize = 0,
        });
        try
        {
            file.Write(octets);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }
}
