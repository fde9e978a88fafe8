using NatT.Linux.Interop;
using NatT.Tunnel.DataPath;

namespace NatT.Linux;

/// <summary>
/// The outer UDP socket: batches by recvmmsg(2) and sendmmsg(2), runs of datagrams in one piece (UDP_GRO, UDP_SEGMENT) where
/// the kernel can, don't-fragment always set, ICMP errors ignored. One thread receives; any thread sends; dispose it when all
/// have returned.
/// </summary>
public sealed partial class UdpSocket : IDatagramSocket
{
    /// <summary>Messages of a call while the kernel merges datagrams: as many octets as stay in a core's cache until they are opened.</summary>
    private const int MergedMessages = 4;

    /// <summary>Messages of a call while it does not.</summary>
    private const int SingleMessages = 32;

    /// <summary>Octets from one message's room to the next; no power of two, so that their starts do not share cache lines' sets.</summary>
    private const int Stride = PacketBatch.LargestPacket + 1472;

    private readonly Descriptor _socket;
    private readonly ushort _family;
    private readonly WakeEvent _wake;
    private readonly Action<string> _degraded;
    private readonly MessageVector _receiving = new();
    private bool _isMerging;

    private readonly Lock _dropsLock = new();
    private uint _lastDrops;
    private long _drops;

    private UdpSocket(Descriptor socket, ushort family, OuterEndpoint localEndpoint, bool isSegmenting, Action<string> degraded)
    {
        _socket = socket;
        _family = family;
        _wake = new WakeEvent();
        _isSegmenting = isSegmenting;
        _degraded = degraded;
        LocalEndpoint = localEndpoint;
    }

    public OuterEndpoint LocalEndpoint { get; }

    /// <inheritdoc/>
    /// <remarks>Does nothing where the batch lacks room for the largest datagram.</remarks>
    public void Receive(PacketBatch datagrams, bool waits = true)
    {
        ArgumentNullException.ThrowIfNull(datagrams);
        int messages = PrepareReceive(datagrams);
        if (messages == 0)
        {
            return;
        }

        int received;
        while ((received = Libc.recvmmsg(_socket, ref _receiving[0], (uint)messages, Libc.MSG_DONTWAIT, timeout: 0)) < 0)
        {
            Errno error = Libc.LastError;
            if (error == Errno.EAGAIN)
            {
                if (!waits || !_wake.WaitUntilReadable(_socket))
                {
                    return;
                }
            }
            else if (error != Errno.EINTR && !IsBornOfIcmp(error))
            {
                throw new LinuxException("recvmmsg", error, $"cannot receive on {LocalEndpoint}");
            }
        }

        _isMerging = false;
        for (int i = 0; i < received; i++)
        {
            TakeMessage(i, datagrams, slotsOfOthers: received - 1 - i);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Kernels before 4.12 do not tell, and neither does gVisor: 0.</remarks>
    public long ReadQueueDrops()
    {
        lock (_dropsLock)
        {
            SocketMemory memory = default;
            uint length = SocketMemory.Size;
            if (Libc.getsockopt(_socket, Libc.SOL_SOCKET, Libc.SO_MEMINFO, ref memory, ref length) == 0 && length >= SocketMemory.Size)
            {
                // It wraps.
                _drops += unchecked(memory.Drops - _lastDrops);
                _lastDrops = memory.Drops;
            }

            return _drops;
        }
    }

    public void Wake() => _wake.Wake();

    public void Dispose()
    {
        _socket.Dispose();
        _wake.Dispose();
    }

    /// <summary>Gives each message its room in the batch and returns how many messages there are.</summary>
    private int PrepareReceive(PacketBatch datagrams)
    {
        int messages = Math.Min(_isMerging ? MergedMessages : SingleMessages, datagrams.Capacity - datagrams.Count);
        for (int i = 0; i < messages; i++)
        {
            if (datagrams.Free.Length - (i * Stride) < PacketBatch.LargestPacket)
            {
                return i;
            }

            _receiving.PrepareReceive(i, datagrams, datagrams.FreeOffset + (i * Stride), PacketBatch.LargestPacket);
        }

        return messages;
    }

    /// <summary>Appends what one message brought: a datagram, or several of one flow that the kernel merged.</summary>
    private void TakeMessage(int index, PacketBatch datagrams, int slotsOfOthers)
    {
        OuterEndpoint source = _receiving.Source(index);
        byte trafficClass = _receiving.TrafficClass(index);
        int left = (int)_receiving[index].Length;
        int size = _receiving.SegmentSize(index) ?? left;
        int offset = datagrams.FreeOffset;
        _isMerging |= size < left;
        do
        {
            // What exceeds the slots (no kernel merges as many of its own) stays one datagram, which cannot be authentic.
            bool isLastSlot = datagrams.Capacity - datagrams.Count - slotsOfOthers <= 1;
            int length = size <= 0 || isLastSlot ? left : Math.Min(size, left);
            ref PacketSlot slot = ref datagrams.Add(offset, length);
            slot.Remote = source;
            slot.TrafficClass = trafficClass;
            offset += length;
            left -= length;
        }
        while (left > 0);

        datagrams.Take(Math.Min(Stride, datagrams.Free.Length));
    }
}
