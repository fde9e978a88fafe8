using System.Runtime.InteropServices;
using NatT.Linux.Interop;
using NatT.Tunnel.DataPath;

namespace NatT.Linux;

/// <summary>
/// What recvmmsg(2) and sendmmsg(2) take: headers that point to buffers, addresses and control messages. Laid out
/// once in pinned arrays, so that a call allocates nothing; one thread uses it at a time.
/// </summary>
internal sealed class MessageVector
{
    public const int Capacity = PacketBatch.DefaultCapacity;

    /// <summary>One is expected; the other is room for what a newer kernel might add before it.</summary>
    private const int ControlsPerMessage = 2;

    private readonly Message[] _messages = GC.AllocateArray<Message>(Capacity, pinned: true);
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(Capacity, pinned: true);
    private readonly SocketAddress[] _addresses = GC.AllocateArray<SocketAddress>(Capacity, pinned: true);
    private readonly ControlMessage[] _controls = GC.AllocateArray<ControlMessage>(Capacity * ControlsPerMessage, pinned: true);

    public MessageVector()
    {
        // SAFETY: the arrays are pinned and live as long as the addresses in them: this object holds both.
        for (int i = 0; i < Capacity; i++)
        {
            _messages[i].Header = new MessageHeader
            {
                Address = Marshal.UnsafeAddrOfPinnedArrayElement(_addresses, i),
                Vectors = Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, i),
                VectorCount = 1,
                Control = Marshal.UnsafeAddrOfPinnedArrayElement(_controls, i * ControlsPerMessage),
            };
        }
    }

    /// <summary>A message; a call works from the one it is given on.</summary>
    public ref Message this[int index] => ref _messages[index];

    /// <summary>Lets message <paramref name="index"/> receive into a slot of the batch.</summary>
    public void PrepareReceive(int index, PacketBatch batch, int slot)
    {
        // SAFETY: the batch pins its buffer and cuts it into slots of this size; the caller keeps the batch during the call.
        _vectors[index] = new IoVector
        {
            Start = Marshal.UnsafeAddrOfPinnedArrayElement(batch.Buffer, slot * batch.SlotSize),
            Length = (nuint)batch.SlotSize,
        };

        // The kernel shortened both to what it wrote the last time.
        ref MessageHeader header = ref _messages[index].Header;
        header.AddressLength = SocketAddress.Size;
        header.ControlLength = (nuint)(ControlsPerMessage * ControlMessage.Space);
    }

    /// <summary>Lets message <paramref name="index"/> send a packet of the batch.</summary>
    public void PrepareSend(int index, PacketBatch batch, int packet, ushort socketFamily)
    {
        ref readonly PacketSlot slot = ref batch[packet];

        // SAFETY: the batch pins its buffer, Packet() checks that the packet lies inside, and the caller keeps the batch
        // during the call.
        _vectors[index] = new IoVector
        {
            Start = Marshal.UnsafeAddrOfPinnedArrayElement(batch.Buffer, slot.Offset),
            Length = (nuint)batch.Packet(packet).Length,
        };

        // What travels as IPv4 takes IPv4's option, also on an IPv6 socket.
        bool isIPv6 = slot.Remote.Address.IsIPv6;
        _controls[index * ControlsPerMessage] = new ControlMessage
        {
            Length = ControlMessage.LengthWithInt,
            Level = isIPv6 ? Libc.IPPROTO_IPV6 : Libc.IPPROTO_IP,
            Type = isIPv6 ? Libc.IPV6_TCLASS : Libc.IP_TOS,
            Value = slot.TrafficClass,
        };

        ref MessageHeader header = ref _messages[index].Header;
        header.AddressLength = _addresses[index].Set(slot.Remote, socketFamily);
        header.ControlLength = (nuint)ControlMessage.Space;
    }

    public OuterEndpoint Source(int index) => _addresses[index].ToEndpoint();

    /// <summary>The traffic class that message <paramref name="index"/> arrived with; 0 where the kernel did not tell.</summary>
    public byte TrafficClass(int index)
    {
        int present = (int)_messages[index].Header.ControlLength / ControlMessage.Space;
        for (int i = index * ControlsPerMessage; i < (index * ControlsPerMessage) + present; i++)
        {
            ref readonly ControlMessage control = ref _controls[i];
            switch (control.Level, control.Type)
            {
                case (Libc.IPPROTO_IP, Libc.IP_TOS):
                    return control.FirstOctet;
                case (Libc.IPPROTO_IPV6, Libc.IPV6_TCLASS):
                    return (byte)control.Value;
            }
        }

        return 0;
    }
}
