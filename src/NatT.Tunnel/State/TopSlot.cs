using System.IO.MemoryMappedFiles;

namespace NatT.Tunnel.State;

/// <summary>
/// One association's place in the mapped page, 32 octets: fingerprint (16), top (8), in use (8). Every field is written
/// as aligned 8-octet words, which the processor stores whole, and the accessor's interlocked hold on its mapping keeps
/// them in order: a process killed between two of them leaves a slot that is either not in use or true.
/// </summary>
internal sealed class TopSlot(MemoryMappedViewAccessor view, int offset)
{
    public const int Size = 32;

    private const int TopOffset = 16;
    private const int InUseOffset = 24;

    private bool _isInUse = view.ReadUInt64(offset + InUseOffset) != 0;

    public AssociationFingerprint Fingerprint =>
        new(new UInt128(view.ReadUInt64(offset + sizeof(ulong)), view.ReadUInt64(offset)));

    /// <summary>Null until something was written since the machine started.</summary>
    public ulong? Read() => _isInUse ? view.ReadUInt64(offset + TopOffset) : null;

    /// <summary>Reads it, and nothing else.</summary>
    public void Fetch() => _ = Volatile.Read(ref _isInUse);

    public void Write(ulong top)
    {
        view.Write(offset + TopOffset, top);
        if (!_isInUse)
        {
            view.Write(offset + InUseOffset, 1UL);
            _isInUse = true;
        }
    }

    /// <summary>Gives a slot that is not in use to an association.</summary>
    public void Assign(AssociationFingerprint fingerprint)
    {
        view.Write(offset, (ulong)fingerprint.Value);
        view.Write(offset + sizeof(ulong), (ulong)(fingerprint.Value >> 64));
    }
}
