using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace NatT.Tunnel.Control;

/// <summary>struct ucred: who is at the other end of a Unix socket, as the kernel knows it from its connect.</summary>
/// <param name="ProcessId">As seen from here.</param>
/// <param name="UserId">Effective.</param>
/// <param name="GroupId">Effective.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct PeerCredentials(int ProcessId, uint UserId, uint GroupId)
{
    public const uint Root = 0;

    private const int SOL_SOCKET = 1;
    private const int SO_PEERCRED = 17;

    /// <exception cref="SocketException">The socket is none of a connection.</exception>
    public static PeerCredentials Of(Socket socket)
    {
        Span<PeerCredentials> credentials = stackalloc PeerCredentials[1];
        socket.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, MemoryMarshal.AsBytes(credentials));
        return credentials[0];
    }
}
