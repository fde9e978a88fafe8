using NatT.Linux;

namespace NatT.Cli;

/// <summary>Files for their owner's eyes alone.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>What goes into the file of that index.</summary>
    public delegate ReadOnlySpan<byte> Contents(int index);

    /// <summary>Makes all files of a folder, which is made where it is missing, or none.</summary>
    /// <param name="folder">Where the files are.</param>
    /// <param name="files">With the folder in their paths.</param>
    /// <param name="overwrites">Files that are there already are gone before, else there must be none.</param>
    /// <param name="contents">Theirs.</param>
    /// <exception cref="IOException">With the option to change in its message.</exception>
    public static void CreateAll(string folder, IReadOnlyList<string> files, bool overwrites, Contents contents)
    {
        int made = 0;
        try
        {
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder, OwnerOnly);
            }

            foreach (string file in overwrites ? files : [])
            {
                File.Delete(file);
            }

            for (; made < files.Count; made++)
            {
                Create(files[made], contents(made));
            }

            DirectorySync.Flush(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            foreach (string file in files.Take(made))
            {
                File.Delete(file);
            }

            throw new IOException($"{e.Message.TrimEnd('.')}: choose another --out", e);
        }
    }

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
