using System.Diagnostics;
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
    /// <summary>Messages a system call moves at most.</summary>
    public const int Capacity = 64;

    /// <summary>Traffic class and segment size are expected; the third is room for what a newer kernel might add before them.</summary>
    private const int ControlsPerMessage = 3;

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

    /// <summary>Lets message <paramref name="index"/> receive into a batch's buffer.</summary>
    public void PrepareReceive(int index, PacketBatch batch, int offset, int length)
    {
        Debug.Assert(offset >= 0 && length >= 0 && length <= batch.Buffer.Length - offset, "A message reaches beyond its batch.");

        // SAFETY: the batch pins its buffer and the range lies in it; the caller keeps the batch during the call.
        _vectors[index] = new IoVector
        {
            Start = Marshal.UnsafeAddrOfPinnedArrayElement(batch.Buffer, offset),
            Length = (nuint)length,
        };

        // The kernel shortened both to what it wrote the last time.
        ref MessageHeader header = ref _messages[index].Header;
        header.AddressLength = SocketAddress.Size;
        header.ControlLength = (nuint)(ControlsPerMessage * ControlMessage.Space);
    }

    /// <summary>Lets message <paramref name="index"/> send datagrams of the batch that lie one behind the other.</summary>
    public void PrepareSend(int index, PacketBatch batch, DatagramRun run, ushort socketFamily)
    {
        ref readonly PacketSlot slot = ref batch[run.First];

        // SAFETY: the batch pins its buffer, AsSpan checks that the run lies inside, and the caller keeps the batch during the call.
        _vectors[index] = new IoVector
        {
            Start = Marshal.UnsafeAddrOfPinnedArrayElement(batch.Buffer, slot.Offset),
            Length = (nuint)batch.Buffer.AsSpan(slot.Offset, run.Octets).Length,
        };

        // What travels as IPv4 takes IPv4's option, also on an IPv6 socket.
        bool isIPv6 = slot.Remote.Address.IsIPv6;
        Span<ControlMessage> controls = _controls.AsSpan(index * ControlsPerMessage);
        controls[0] = new ControlMessage
        {
            Length = ControlMessage.LengthWithInt,
            Level = isIPv6 ? Libc.IPPROTO_IPV6 : Libc.IPPROTO_IP,
            Type = isIPv6 ? Libc.IPV6_TCLASS : Libc.IP_TOS,
            Value = slot.TrafficClass,
        };
        controls[1] = new ControlMessage
        {
            Length = ControlMessage.LengthWithShort,
            Level = Libc.SOL_UDP,
            Type = Libc.UDP_SEGMENT,
            Value = BitConverter.IsLittleEndian ? slot.Length : slot.Length << 16,
        };

        ref MessageHeader header = ref _messages[index].Header;
        header.AddressLength = _addresses[index].Set(slot.Remote, socketFamily);
        header.ControlLength = (nuint)((run.Count > 1 ? 2 : 1) * ControlMessage.Space);
    }

    public OuterEndpoint Source(int index) => _addresses[index].ToEndpoint();

    /// <summary>The traffic class that message <paramref name="index"/> arrived with; 0 where the kernel did not tell.</summary>
    public byte TrafficClass(int index)
    {
        foreach (ref readonly ControlMessage control in Controls(index))
        {
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

    /// <summary>Octets of each datagram but the last of message <paramref name="index"/>, or null where it is one datagram.</summary>
    public int? SegmentSize(int index)
    {
        foreach (ref readonly ControlMessage control in Controls(index))
        {
            if (control.Level == Libc.SOL_UDP && control.Type == Libc.UDP_GRO)
            {
                return control.Value;
            }
        }

        return null;
    }

    private ReadOnlySpan<ControlMessage> Controls(int index) => _controls.AsSpan(
        index * ControlsPerMessage, (int)_messages[index].Header.ControlLength / ControlMessage.Space);
}
