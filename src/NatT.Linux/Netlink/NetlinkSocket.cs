using System.Runtime.InteropServices;
using NatT.Linux.Interop;

namespace NatT.Linux.Netlink;

/// <summary>A NETLINK_ROUTE socket: one request, one answer. One thread; not locked.</summary>
internal sealed class NetlinkSocket : IDisposable
{
    private const ushort ErrorMessage = 2;
    private const ushort DoneMessage = 3;
    private const ushort AcknowledgementIsCapped = 0x100;
    private const ushort AcknowledgementHasAttributes = 0x200;
    private const ushort ExplanationAttribute = 1;

    private readonly Descriptor _socket;
    private readonly byte[] _answer = new byte[64 * 1024];
    private uint _sequence;

    public NetlinkSocket()
    {
        _socket = new Descriptor(Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, Libc.NETLINK_ROUTE));
        if (_socket.IsInvalid)
        {
            throw LinuxException.FromLastError("socket NETLINK_ROUTE", "cannot ask the kernel about links and routes");
        }

        // With its reasons in words, where the kernel has them (4.12 on).
        int on = 1;
        Libc.setsockopt(_socket, Libc.SOL_NETLINK, Libc.NETLINK_CAP_ACK, in on, sizeof(int));
        Libc.setsockopt(_socket, Libc.SOL_NETLINK, Libc.NETLINK_EXT_ACK, in on, sizeof(int));
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <param name="request">Has NLM_F_ACK set unless it asks for something.</param>
    /// <param name="answer">The answer without its header, valid until the next call; empty for an acknowledgement.</param>
    /// <param name="explanation">The kernel's own words about an error, or null.</param>
    /// <returns>The kernel's verdict.</returns>
    public Errno Exchange(NetlinkRequest request, out ReadOnlySpan<byte> answer, out string? explanation)
    {
        uint sequence = Send(request);
        while (true)
        {
            // None of these requests draws more than one message.
            ReadOnlySpan<byte> received = FirstMessage(ReceiveDatagram());
            if (MemoryMarshal.Read<uint>(received[8..]) != sequence)
            {
                continue;
            }

            ushort type = MemoryMarshal.Read<ushort>(received[4..]);
            ReadOnlySpan<byte> body = received[NetlinkRequest.HeaderSize..];
            if (type != ErrorMessage)
            {
                answer = body;
                explanation = null;
                return Errno.None;
            }

            answer = default;
            explanation = Explanation(MemoryMarshal.Read<ushort>(received[6..]), body);
            return (Errno)(-MemoryMarshal.Read<int>(body));
        }
    }

    /// <summary>Sends a request that asks for all there is of a kind.</summary>
    /// <param name="request">Has NLM_F_DUMP set.</param>
    /// <param name="read">Gets each answer without its header, for the time of the call; makes no request of its own.</param>
    /// <returns>The kernel's verdict.</returns>
    public Errno Dump(NetlinkRequest request, NetlinkReader read)
    {
        uint sequence = Send(request);
        while (true)
        {
            ReadOnlySpan<byte> datagram = ReceiveDatagram();
            while (datagram.Length > 0)
            {
                ReadOnlySpan<byte> message = FirstMessage(datagram);
                datagram = datagram[Math.Min(NetlinkRequest.Aligned(message.Length), datagram.Length)..];
                if (MemoryMarshal.Read<uint>(message[8..]) != sequence)
                {
                    continue;
                }

                ushort type = MemoryMarshal.Read<ushort>(message[4..]);
                ReadOnlySpan<byte> body = message[NetlinkRequest.HeaderSize..];
                if (type is DoneMessage or ErrorMessage)
                {
                    return type == DoneMessage ? Errno.None : (Errno)(-MemoryMarshal.Read<int>(body));
                }

                read(body);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private uint Send(NetlinkRequest request)
    {
        ReadOnlySpan<byte> message = request.Complete(++_sequence);
        return Libc.send(_socket, in message[0], (nuint)message.Length, flags: 0) >= 0
            ? _sequence
            : throw LinuxException.FromLastError("send NETLINK_ROUTE", "cannot ask the kernel about links and routes");
    }

    private ReadOnlySpan<byte> ReceiveDatagram()
    {
        nint length;
        while ((length = Libc.recv(_socket, ref _answer[0], (nuint)_answer.Length, flags: 0)) < 0)
        {
            if (Libc.LastError != Errno.EINTR)
            {
                throw LinuxException.FromLastError("recv NETLINK_ROUTE", "the kernel did not answer about links and routes");
            }
        }

        return _answer.AsSpan(0, (int)length);
    }

    private static ReadOnlySpan<byte> FirstMessage(ReadOnlySpan<byte> datagram)
    {
        int messageLength = datagram.Length < NetlinkRequest.HeaderSize ? 0 : MemoryMarshal.Read<int>(datagram);
        return messageLength >= NetlinkRequest.HeaderSize && messageLength <= datagram.Length
            ? datagram[..messageLength]
            : throw new LinuxException("recv NETLINK_ROUTE", Errno.EPROTO, "the kernel's answer about links and routes is cut short");
    }

    /// <summary>Reads what lies behind error code and the request's header (NLMSGERR_ATTR_MSG).</summary>
    private static string? Explanation(ushort flags, ReadOnlySpan<byte> body)
    {
        const int attributes = sizeof(int) + NetlinkRequest.HeaderSize;
        const ushort expected = AcknowledgementIsCapped | AcknowledgementHasAttributes;
        return (flags & expected) == expected && body.Length > attributes
            ? new NetlinkAttributes(body[attributes..]).FindString(ExplanationAttribute)
            : null;
    }
}
