using System.Net.Sockets;
using System.Text;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>The end of NOTIFY_SOCKET where a service manager listens.</summary>
internal sealed class ServiceManagerSocket : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("natt-notify-").FullName;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };

    public ServiceManagerSocket() => _socket.Bind(new UnixDomainSocketEndPoint(Address));

    public string Address => Path.Combine(_folder, "notify");

    /// <summary>The next message; fails the test where none comes.</summary>
    public string Receive()
    {
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer));
    }

    public void Dispose()
    {
        _socket.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
