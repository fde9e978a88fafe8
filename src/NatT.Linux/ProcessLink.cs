using System.Net.Sockets;
using System.Runtime.InteropServices;
using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>What joins a process and one that it starts: each message arrives whole, and the end of either is the other's to see.</summary>
public static class ProcessLink
{
    /// <summary>A pair of sockets, of which a started process inherits the second under the same number.</summary>
    /// <exception cref="LinuxException">There are none to be had.</exception>
    public static (Socket Ours, SafeHandle Theirs, int TheirNumber) Create()
    {
        int[] pair = new int[2];
        if (Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_SEQPACKET | Libc.SOCK_CLOEXEC, 0, ref pair[0]) < 0)
        {
            throw LinuxException.FromLastError("socketpair", "no sockets to talk to another process");
        }

        var ours = new Socket(new SafeSocketHandle(pair[0], ownsHandle: true));
        var theirs = new Descriptor(pair[1]);
        if (Libc.fcntl(theirs, Libc.F_SETFD, 0) < 0)
        {
            LinuxException failure = LinuxException.FromLastError("fcntl", "no socket for another process");
            ours.Dispose();
            theirs.Dispose();
            throw failure;
        }

        return (ours, theirs, pair[1]);
    }

    /// <summary>The socket that this process was started with.</summary>
    public static Socket Adopt(int number) => new(new SafeSocketHandle(number, ownsHandle: true));

    /// <summary>Sends a signal to a process.</summary>
    /// <returns>False where it is no more.</returns>
    public static bool Signal(int processId, PosixSignal signal) => Libc.kill(processId, signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGTERM => 15,
        _ => throw new ArgumentOutOfRangeException(nameof(signal)),
    }) == 0;
}
