namespace NatT.Tunnel.DataPath;

/// <summary>Where one packet lies in its batch's buffer, and what the socket knows of it.</summary>
public record struct PacketSlot
{
    /// <summary>First octet, counted from the buffer's start.</summary>
    public int Offset { get; set; }

    /// <summary>Octets.</summary>
    public int Length { get; set; }

    /// <summary>Datagrams only: where it came from or goes to.</summary>
    public OuterEndpoint Remote { get; set; }

    /// <summary>Datagrams only: the outer IPv4 TOS or IPv6 traffic class, DSCP and ECN.</summary>
    public byte TrafficClass { get; set; }

    /// <summary>Whether the kernel took it from neither the socket nor the device it was handed to.</summary>
    public bool IsRefused { get; set; }
}

/// <summary>
/// Packets that travel together, in one pinned buffer cut into equal slots. One thread owns it. A path may narrow
/// a slot's offset and length (to an inner packet, say) and hand the same batch on: that is how nothing is copied.
/// </summary>
public sealed class PacketBatch
{
    /// <summary>Room for the largest UDP payload or TUN packet.</summary>
    public const int LargestPacket = 65536;

    /// <summary>Packets a system call moves at most.</summary>
    public const int DefaultCapacity = 64;

    private readonly PacketSlot[] _slots;

    public PacketBatch(int capacity = DefaultCapacity, int slotSize = LargestPacket)
    {
        Buffer = GC.AllocateUninitializedArray<byte>(capacity * slotSize, pinned: true);
        _slots = new PacketSlot[capacity];
        SlotSize = slotSize;
    }

    /// <summary>Pinned; slot i starts at i × <see cref="SlotSize"/>.</summary>
    public byte[] Buffer { get; }

    /// <summary>Octets a slot can hold.</summary>
    public int SlotSize { get; }

    public int Capacity => _slots.Length;

    /// <summary>Packets present; slots from here on are free.</summary>
    public int Count { get; private set; }

    public bool IsFull => Count == _slots.Length;

    public ref PacketSlot this[int index] => ref _slots[index];

    /// <summary>The packet's octets.</summary>
    public Span<byte> Packet(int index) => Buffer.AsSpan(_slots[index].Offset, _slots[index].Length);

    /// <summary>The whole slot after the last packet, to read or write a packet into before <see cref="Add"/>.</summary>
    public Span<byte> FreeSlot => Buffer.AsSpan(Count * SlotSize, SlotSize);

    /// <summary>Takes the first <paramref name="length"/> octets of <see cref="FreeSlot"/> as the next packet.</summary>
    public ref PacketSlot Add(int length)
    {
        ref PacketSlot slot = ref _slots[Count];
        slot = new PacketSlot { Offset = Count * SlotSize, Length = length };
        Count++;
        return ref slot;
    }

    /// <summary>Appends a packet that already lies in the buffer; used to compact a batch to its survivors.</summary>
    public void Keep(in PacketSlot packet) => _slots[Count++] = packet;

    public void Clear() => Count = 0;
}
