namespace NatT.Tunnel.DataPath;

/// <summary>
/// Packets that travel together, one behind the other in one pinned buffer. One thread owns it. A path may narrow a slot's
/// offset and length (to an inner packet, say) and hand the same batch on: that is how nothing is copied.
/// </summary>
/// <remarks>
/// Packets lie close, not in slots of equal size: a run of equal datagrams is one system call then, and distances that are
/// a power of two would make all of them compete for the same few cache lines.
/// </remarks>
public sealed class PacketBatch
{
    /// <summary>Room for the largest UDP payload, or TUN packet with its virtio header.</summary>
    public const int LargestPacket = 65600;

    /// <summary>Packets a batch holds unless told otherwise.</summary>
    public const int DefaultCapacity = 256;

    private readonly PacketSlot[] _slots;
    private int _used;

    /// <param name="capacity">Packets.</param>
    /// <param name="size">Octets of all packets together, and <see cref="LargestPacket"/> more, since what is read may be as long.</param>
    public PacketBatch(int capacity = DefaultCapacity, int size = 4 * LargestPacket)
    {
        Buffer = GC.AllocateUninitializedArray<byte>(size, pinned: true);
        _slots = new PacketSlot[capacity];
    }

    /// <summary>Pinned.</summary>
    public byte[] Buffer { get; }

    public int Capacity => _slots.Length;

    /// <summary>Packets present.</summary>
    public int Count { get; private set; }

    /// <summary>Whether another packet of unknown length has no room.</summary>
    public bool IsFull => Count == _slots.Length || Buffer.Length - _used < LargestPacket;

    /// <summary>The rest of the buffer, to read or write a packet into before <see cref="Add(int)"/>.</summary>
    public Span<byte> Free => Buffer.AsSpan(_used);

    /// <summary>Where <see cref="Free"/> starts.</summary>
    public int FreeOffset => _used;

    public ref PacketSlot this[int index] => ref _slots[index];

    /// <summary>The packet's octets.</summary>
    public Span<byte> Packet(int index) => Buffer.AsSpan(_slots[index].Offset, _slots[index].Length);

    /// <summary>Whether a packet of so many octets has room.</summary>
    public bool HasRoomFor(int octets) => Count < _slots.Length && octets <= Buffer.Length - _used;

    /// <summary>Takes the first <paramref name="length"/> octets of <see cref="Free"/> as the next packet.</summary>
    public ref PacketSlot Add(int length)
    {
        int offset = _used;
        Take(length);
        return ref Add(offset, length);
    }

    /// <summary>Appends a packet that lies in octets taken before.</summary>
    public ref PacketSlot Add(int offset, int length)
    {
        ref PacketSlot slot = ref _slots[Count];
        slot = new PacketSlot { Offset = offset, Length = length };
        Count++;
        return ref slot;
    }

    /// <summary>Takes octets off <see cref="Free"/> that packets lie in.</summary>
    public void Take(int octets) => _used += octets;

    /// <summary>Appends a packet that already lies in the buffer; used to compact a batch to its survivors.</summary>
    public void Keep(in PacketSlot packet) => _slots[Count++] = packet;

    public void Clear()
    {
        Count = 0;
        _used = 0;
    }
}
