using System.Net.Sockets;
using System.Text.Json;

namespace NatT.Tunnel.Control;

/// <summary>The other end of a <see cref="ControlSocket"/>. One request at a time.</summary>
public sealed class ControlClient : IDisposable
{
    /// <summary>Ten thousand peers' status, and then some.</summary>
    private const int LongestAnswer = 64 << 20;

    /// <summary>ENOENT, which .NET has no name for.</summary>
    private const int NoSuchFile = 2;

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(2);

    private readonly NetworkStream _stream;
    private readonly LineReader _lines;

    private ControlClient(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _lines = new LineReader(_stream, LongestAnswer);
    }

    /// <summary>Null where nobody listens, as behind a socket whose process was killed.</summary>
    /// <exception cref="IOException">Somebody should, but does not in time.</exception>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    public static async Task<ControlClient?> TryConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(ConnectPatience);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), timeout.Token).ConfigureAwait(false);
            return new ControlClient(socket);
        }
        catch (SocketException e) when (IsNobodyThere(e))
        {
            socket.Dispose();
            return null;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new IOException($"natt-tun does not listen to {path}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <exception cref="IOException">The connection ended without an answer, or the answer is none.</exception>
    public async Task<ControlAnswer> AskAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        byte[] octets = JsonSerializer.SerializeToUtf8Bytes(request, ControlJson.Default.ControlRequest);
        await _stream.WriteAsync(octets.Append((byte)'\n').ToArray(), cancellationToken).ConfigureAwait(false);
        byte[] line = await _lines.ReadAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new IOException("natt-tun ended before it answered");
        try
        {
            return JsonSerializer.Deserialize(line, ControlJson.Default.ControlAnswer)
                ?? throw new IOException("natt-tun's answer is empty");
        }
        catch (JsonException e)
        {
            throw new IOException("natt-tun's answer cannot be read: it is of another version", e);
        }
    }

    /// <summary>After a stop: waits until natt-tun has ended.</summary>
    public async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _lines.ReadAsync(cancellationToken).ConfigureAwait(false) is not null)
            {
            }
        }
        catch (IOException)
        {
            // Reset: that is an end as well.
        }
    }

    public void Dispose() => _stream.Dispose();

    private static bool IsNobodyThere(SocketException e) =>
        e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable
        || e.NativeErrorCode == NoSuchFile;
}
