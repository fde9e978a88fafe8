using NatT.Linux.Interop;
using NatT.Tunnel.DataPath;

namespace NatT.Linux;

/// <summary>
/// The outer UDP socket: batches by recvmmsg(2) and sendmmsg(2), don't-fragment always set, ICMP errors ignored.
/// One thread receives; any thread sends; dispose it when all have returned.
/// </summary>
public sealed partial class UdpSocket : IDatagramSocket
{
    /// <summary>How long a batch waits for a full send buffer to drain before the rest of it counts as refused.</summary>
    private const int SendTimeoutMilliseconds = 100;

    private readonly Descriptor _socket;
    private readonly ushort _family;
    private readonly WakeEvent _wake;
    private readonly MessageVector _receiving = new();

    // Probes and replies are sent beside the outbound path; the lock is taken once a batch, mostly uncontended.
    private readonly Lock _sendLock = new();
    private readonly MessageVector _sending = new();
    private readonly PollDescriptor[] _polled = new PollDescriptor[1];

    private readonly Lock _dropsLock = new();
    private uint _lastDrops;
    private long _drops;

    private UdpSocket(Descriptor socket, ushort family, OuterEndpoint localEndpoint)
    {
        _socket = socket;
        _family = family;
        _wake = new WakeEvent();
        LocalEndpoint = localEndpoint;
    }

    public OuterEndpoint LocalEndpoint { get; }

    /// <inheritdoc/>
    /// <remarks>A datagram longer than a slot arrives cut; it cannot be authentic then.</remarks>
    public void Receive(PacketBatch datagrams)
    {
        ArgumentNullException.ThrowIfNull(datagrams);
        int room = Math.Min(datagrams.Capacity - datagrams.Count, MessageVector.Capacity);
        if (room == 0)
        {
            return;
        }

        for (int i = 0; i < room; i++)
        {
            _receiving.PrepareReceive(i, datagrams, datagrams.Count + i);
        }

        int received;
        while ((received = Libc.recvmmsg(_socket, ref _receiving[0], (uint)room, Libc.MSG_DONTWAIT, timeout: 0)) < 0)
        {
            Errno error = Libc.LastError;
            if (error == Errno.EAGAIN)
            {
                if (!_wake.WaitUntilReadable(_socket))
                {
                    return;
                }
            }
            else if (error != Errno.EINTR && !IsBornOfIcmp(error))
            {
                throw new LinuxException("recvmmsg", error, $"cannot receive on {LocalEndpoint}");
            }
        }

        for (int i = 0; i < received; i++)
        {
            ref PacketSlot slot = ref datagrams.Add((int)_receiving[i].Length);
            slot.Remote = _receiving.Source(i);
            slot.TrafficClass = _receiving.TrafficClass(i);
        }
    }

    public int Send(PacketBatch datagrams)
    {
        ArgumentNullException.ThrowIfNull(datagrams);
        int refused = 0;
        lock (_sendLock)
        {
            for (int first = 0; first < datagrams.Count; first += MessageVector.Capacity)
            {
                int count = Math.Min(datagrams.Count - first, MessageVector.Capacity);
                for (int i = 0; i < count; i++)
                {
                    _sending.PrepareSend(i, datagrams, first + i, _family);
                }

                refused += SendPrepared(datagrams, first, count);
            }
        }

        // The kernel knew the buffer by its address only.
        GC.KeepAlive(datagrams);
        return refused;
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

    /// <summary>
    /// Sends the first <paramref name="count"/> messages, which hold the datagrams from <paramref name="first"/> on; marks and skips
    /// those the kernel refuses, and returns how many it did.
    /// </summary>
    private int SendPrepared(PacketBatch datagrams, int first, int count)
    {
        int refused = 0;
        int next = 0;
        bool isRetry = false;
        while (next < count)
        {
            int sent = Libc.sendmmsg(_socket, ref _sending[next], (uint)(count - next), Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
            if (sent > 0)
            {
                next += sent;
                isRetry = false;
                continue;
            }

            Errno error = Libc.LastError;
            if (error == Errno.EINTR)
            {
                continue;
            }

            if (error == Errno.EAGAIN)
            {
                if (WaitUntilWritable())
                {
                    continue;
                }

                for (; next < count; next++, refused++)
                {
                    datagrams[first + next].IsRefused = true;
                }

                return refused;
            }

            // An ICMP error that waits on the socket is reported by a send, which then sends nothing: ask again.
            if (!isRetry && IsBornOfIcmp(error))
            {
                isRetry = true;
                continue;
            }

            datagrams[first + next].IsRefused = true;
            refused++;
            next++;
            isRetry = false;
        }

        return refused;
    }

    private bool WaitUntilWritable()
    {
        _polled[0] = new PollDescriptor { Number = _socket.Number, Events = Libc.POLLOUT };
        return Libc.poll(ref _polled[0], 1, SendTimeoutMilliseconds) > 0;
    }

    /// <summary>Whether an ICMP message can have caused the error: a hint about one peer, no fault of the socket.</summary>
    private static bool IsBornOfIcmp(Errno error) => error
        is Errno.ECONNREFUSED or Errno.ECONNRESET or Errno.EHOSTUNREACH or Errno.ENETUNREACH or Errno.EHOSTDOWN or Errno.ENETDOWN
        or Errno.ENONET or Errno.ENOPROTOOPT or Errno.EPROTO or Errno.EOPNOTSUPP or Errno.EMSGSIZE or Errno.EACCES or Errno.ETIMEDOUT;
}
