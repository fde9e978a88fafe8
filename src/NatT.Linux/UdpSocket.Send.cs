using NatT.Linux.Interop;
using NatT.Tunnel.DataPath;

namespace NatT.Linux;

/// <content>Sending.</content>
public sealed partial class UdpSocket
{
    /// <summary>How long a batch waits for a full send buffer to drain before the rest of it counts as refused.</summary>
    private const int SendTimeoutMilliseconds = 100;

    // Probes and replies are sent beside the outbound path; the lock is taken once a batch, mostly uncontended.
    private readonly Lock _sendLock = new();
    private readonly MessageVector _sending = new();
    private readonly DatagramRun[] _runs = new DatagramRun[MessageVector.Capacity];
    private readonly PollDescriptor[] _polled = new PollDescriptor[1];
    private bool _isSegmenting;

    public int Send(PacketBatch datagrams)
    {
        ArgumentNullException.ThrowIfNull(datagrams);
        int refused = 0;
        lock (_sendLock)
        {
            int next = 0;
            int singleUntil = 0;
            while (next < datagrams.Count)
            {
                int messages = PrepareSend(datagrams, next, singleUntil);
                int sent = SendPrepared(messages, out Errno error);
                next = sent < messages ? _runs[sent].First : _runs[sent - 1].First + _runs[sent - 1].Count;
                if (sent == messages)
                {
                    continue;
                }

                if (error == Errno.EAGAIN)
                {
                    return refused + RefuseFrom(datagrams, next);
                }

                if (_runs[sent].Count > 1)
                {
                    // The run may be at fault, and not its datagrams.
                    singleUntil = next + _runs[sent].Count;
                    NoteRunRefused(error);
                }
                else
                {
                    datagrams[next++].IsRefused = true;
                    refused++;
                }
            }
        }

        // The kernel knew the buffer by its address only.
        GC.KeepAlive(datagrams);
        return refused;
    }

    /// <summary>Makes messages of the datagrams from <paramref name="next"/> on, single ones up to <paramref name="singleUntil"/>.</summary>
    private int PrepareSend(PacketBatch datagrams, int next, int singleUntil)
    {
        int messages = 0;
        while (next < datagrams.Count && messages < MessageVector.Capacity)
        {
            DatagramRun run = DatagramRun.Find(datagrams, next, _isSegmenting && next >= singleUntil);
            _runs[messages] = run;
            _sending.PrepareSend(messages, datagrams, run, _family);
            messages++;
            next += run.Count;
        }

        return messages;
    }

    /// <summary>Sends messages until all are sent or the kernel refuses one, and returns how many it took.</summary>
    /// <param name="messages">How many are prepared.</param>
    /// <param name="error">Why it refused the next; EAGAIN: the buffer stayed full.</param>
    private int SendPrepared(int messages, out Errno error)
    {
        int next = 0;
        bool isRetry = false;
        error = default;
        while (next < messages)
        {
            int sent = Libc.sendmmsg(_socket, ref _sending[next], (uint)(messages - next), Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
            if (sent > 0)
            {
                next += sent;
                isRetry = false;
                continue;
            }

            error = Libc.LastError;
            if (error == Errno.EINTR || (error == Errno.EAGAIN && WaitUntilWritable()))
            {
                continue;
            }

            // An ICMP error that waits on the socket is reported by a send, which then sends nothing: ask again.
            if (isRetry || !IsBornOfIcmp(error))
            {
                return next;
            }

            isRetry = true;
        }

        return next;
    }

    private static int RefuseFrom(PacketBatch datagrams, int first)
    {
        for (int i = first; i < datagrams.Count; i++)
        {
            datagrams[i].IsRefused = true;
        }

        return datagrams.Count - first;
    }

    private bool WaitUntilWritable()
    {
        _polled[0] = new PollDescriptor { Number = _socket.Number, Events = Libc.POLLOUT };
        return Libc.poll(ref _polled[0], 1, SendTimeoutMilliseconds) > 0;
    }

    /// <summary>
    /// A device without checksum offload (EIO) or a kernel without UDP_SEGMENT (EINVAL) will never take a run; datagrams
    /// above the MTU (EMSGSIZE) or want of memory concern this one only.
    /// </summary>
    private void NoteRunRefused(Errno error)
    {
        if (_isSegmenting && error is Errno.EIO or Errno.EINVAL or Errno.EOPNOTSUPP)
        {
            _isSegmenting = false;
            _degraded($"UDP segmentation offload is off: the kernel refuses it here ({error}); datagrams go one by one");
        }
    }

    /// <summary>Whether an ICMP message can have caused the error: a hint about one peer, no fault of the socket.</summary>
    private static bool IsBornOfIcmp(Errno error) => error
        is Errno.ECONNREFUSED or Errno.ECONNRESET or Errno.EHOSTUNREACH or Errno.ENETUNREACH or Errno.EHOSTDOWN or Errno.ENETDOWN
        or Errno.ENONET or Errno.ENOPROTOOPT or Errno.EPROTO or Errno.EOPNOTSUPP or Errno.EMSGSIZE or Errno.EACCES or Errno.ETIMEDOUT;
}
