using System.IO.MemoryMappedFiles;

namespace NatT.Tunnel.State;

/// <summary>
/// The exact tops of all inbound associations, in a shared mapping that the kernel keeps when the process is killed. It is
/// never flushed: after a reboot its boot id is another's, and all of it is void. Control code alone opens slots.
/// <code>
///  page 0:  "natt-top" (8) | boot id (16) | zeros (8) | slot | slot | …
///  page n:                                        slot | slot | …
/// </code>
/// </summary>
internal sealed class TopsFile : IDisposable
{
    private const int PageSize = 4096;
    private const int HeaderSize = TopSlot.Size;
    private const int BootIdOffset = 8;
    private const int BootIdSize = 16;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _file;
    private readonly List<MemoryMappedViewAccessor> _views = [];
    private readonly Dictionary<AssociationFingerprint, TopSlot> _slots = [];
    private readonly Queue<TopSlot> _free = [];

    private TopsFile(FileStream file)
    {
        _file = file;
    }

    private static ReadOnlySpan<byte> Magic => "natt-top"u8;

    /// <summary>Takes over the tops of this boot, or starts with none.</summary>
    public static TopsFile Open(string path, Guid bootId)
    {
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            BufferSize = 0,
            UnixCreateMode = OwnerOnly,
        });
        var tops = new TopsFile(file);
        try
        {
            if (!IsOfBoot(file, bootId))
            {
                Clear(file, bootId);
            }

            for (long offset = 0; offset + PageSize <= file.Length; offset += PageSize)
            {
                tops.Map(offset);
            }

            return tops;
        }
        catch
        {
            tops.Dispose();
            throw;
        }
    }

    /// <summary>The association's slot: the one it had in this boot, or one not in use.</summary>
    public TopSlot Open(AssociationFingerprint fingerprint)
    {
        if (_slots.TryGetValue(fingerprint, out TopSlot? slot))
        {
            return slot;
        }

        if (_free.Count == 0)
        {
            Map(AppendPage(_file));
        }

        slot = _free.Dequeue();
        slot.Assign(fingerprint);
        _slots.Add(fingerprint, slot);
        return slot;
    }

    /// <summary>The association's top in this boot, or null.</summary>
    public ulong? Find(AssociationFingerprint fingerprint) => _slots.GetValueOrDefault(fingerprint)?.Read();

    public void Dispose()
    {
        foreach (MemoryMappedViewAccessor view in _views)
        {
            view.Dispose();
        }

        _file.Dispose();
    }

    private static bool IsOfBoot(FileStream file, Guid bootId)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        return file.Length >= PageSize
            && RandomAccess.Read(file.SafeFileHandle, header, 0) == HeaderSize
            && header.StartsWith(Magic)
            && new Guid(header.Slice(BootIdOffset, BootIdSize)) == bootId;
    }

    // The header goes last: a process killed before it leaves a file that belongs to no boot.
    private static void Clear(FileStream file, Guid bootId)
    {
        file.SetLength(0);
        AppendPage(file);
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        Magic.CopyTo(header);
        bootId.TryWriteBytes(header[BootIdOffset..]);
        RandomAccess.Write(file.SafeFileHandle, header, 0);
    }

    // Zeros are written, not just room made for them: a store into a hole of a full disk is a SIGBUS. What a killed
    // process left of a page is written over.
    private static long AppendPage(FileStream file)
    {
        long offset = file.Length / PageSize * PageSize;
        RandomAccess.Write(file.SafeFileHandle, new byte[PageSize], offset);
        return offset;
    }

    // Each page has a view of its own, so that growing moves nothing under the threads that write.
    private void Map(long offset)
    {
        using var mapping = MemoryMappedFile.CreateFromFile(
            _file, mapName: null, capacity: 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        MemoryMappedViewAccessor view = mapping.CreateViewAccessor(offset, PageSize, MemoryMappedFileAccess.ReadWrite);
        _views.Add(view);
        for (int start = offset == 0 ? HeaderSize : 0; start < PageSize; start += TopSlot.Size)
        {
            var slot = new TopSlot(view, start);
            if (slot.Read() is null)
            {
                _free.Enqueue(slot);
            }
            else
            {
                _slots.TryAdd(slot.Fingerprint, slot);
            }
        }
    }
}
