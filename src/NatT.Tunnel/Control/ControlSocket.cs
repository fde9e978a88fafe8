using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace NatT.Tunnel.Control;

/// <summary>
/// The Unix socket through which an operator asks a running natt-tun. Requests and answers are lines of JSON, an answer for
/// each request; ARCHITECTURE.md lists them.
/// </summary>
public sealed partial class ControlSocket : IAsyncDisposable
{
    private const int MostConnections = 8;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    /// <summary>For a line that a socket takes at once; the first one is slow to be written on a busy machine.</summary>
    private static readonly TimeSpan RefusalPatience = TimeSpan.FromSeconds(5);

    private readonly Socket _listener;
    private readonly Action<string> _remove;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private readonly List<Task> _serving = [];
    private Task _accepting = Task.CompletedTask;
    private uint _user;

    private ControlSocket(Socket listener, string path, Action<string> remove, ILogger logger)
    {
        _remove = remove;
        _listener = listener;
        _logger = logger;
        Path = path;
    }

    public string Path { get; }

    /// <summary>How long the other end may idle, or take to read an answer.</summary>
    internal TimeSpan Patience { get; set; } = DefaultPatience;

    /// <summary>Listens at the best place there is; null, and one line in the log, where there is none.</summary>
    /// <param name="folders">Where that may be.</param>
    /// <param name="device">Whose socket it is.</param>
    /// <param name="logger">Hears that there is no place.</param>
    /// <param name="remove">Takes the file away in the end; null: <see cref="ControlSocketFolders.Remove"/>.</param>
    /// <remarks>The caller has the device to itself, and with it the socket's name.</remarks>
    public static async Task<ControlSocket?> TryOpenAsync(ControlSocketFolders folders, string device, ILogger logger, Action<string>? remove = null)
    {
        ArgumentNullException.ThrowIfNull(folders);
        string problem = "";
        foreach (string path in folders.PathsFor(device))
        {
            try
            {
                return new ControlSocket(await ListenAsync(path).ConfigureAwait(false), path, remove ?? ControlSocketFolders.Remove, logger);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
            {
                // The first tells most: that is where it should have been.
                problem = problem.Length == 0 ? $"{path}: {e.Message}" : problem;
            }
        }

        LogNoSocket(logger, problem);
        return null;
    }

    /// <summary>Answers whoever connects, until disposed.</summary>
    /// <param name="verbs">Knows the answers.</param>
    /// <param name="stop">Stops the daemon.</param>
    /// <param name="waiters">Gets the connections that asked for a stop.</param>
    /// <param name="user">Who may ask, beside root.</param>
    public void Serve(ControlVerbs verbs, Action stop, StopWaiters waiters, uint user)
    {
        _user = user;
        _accepting = AcceptAsync(verbs, stop, waiters);
    }

    /// <summary>Takes the socket away and ends the connections, except those that wait for a stop.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        _remove(Path);
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_serving).ConfigureAwait(false);
        _closing.Dispose();
    }

    private static async Task<Socket> ListenAsync(string path)
    {
        ControlSocketFolders.MakeFoldersFor(path);
        if (File.Exists(path))
        {
            using ControlClient? holder = await ControlClient.TryConnectAsync(path, CancellationToken.None).ConfigureAwait(false);
            if (holder is not null)
            {
                throw new IOException("another natt-tun answers there");
            }

            // Left by one that was killed.
            File.Delete(path);
        }

        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, OwnerOnly);
            listener.Listen(MostConnections);
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync(ControlVerbs verbs, Action stop, StopWaiters waiters)
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener.AcceptAsync(_closing.Token).ConfigureAwait(false);
                _serving.RemoveAll(task => task.IsCompleted);
                _serving.Add(WhyRefused(socket) is string reason ? RefuseAsync(socket, reason) : ServeAsync(socket, verbs, stop, waiters));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // No descriptors left, for example; they may come back, and the tunnel needs none.
                await Task.Delay(AcceptPause).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(Socket socket, ControlVerbs verbs, Action stop, StopWaiters waiters)
    {
        var connection = new ControlConnection(socket);
        bool mustStop = false;
        try
        {
            mustStop = await connection.ServeAsync(verbs, Patience, _closing.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A defect of ours, and no reason for the tunnel to end.
            LogFailed(_logger, e.Message);
        }

        if (mustStop)
        {
            waiters.Add(connection);
            stop();
        }
        else
        {
            connection.Dispose();
        }
    }

    /// <summary>Null where the connection is served.</summary>
    /// <remarks>The file's mode says the same of users; this holds even where somebody has changed that, or passed a descriptor on.</remarks>
    private string? WhyRefused(Socket socket)
    {
        if (_serving.Count >= MostConnections)
        {
            return $"{MostConnections} connections are open, try again later";
        }

        uint user = PeerCredentials.Of(socket).UserId;
        return user == PeerCredentials.Root || user == _user ? null : $"user {user} may not ask this natt-tun: try again as root, with sudo";
    }

    private static async Task RefuseAsync(Socket socket, string reason)
    {
        using var connection = new ControlConnection(socket);
        await connection.TryWriteErrorAsync(reason, RefusalPatience).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "no control socket ({Problem}): status, probe and stop will not find this natt-tun")]
    private static partial void LogNoSocket(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "a control connection failed: {Error}")]
    private static partial void LogFailed(ILogger logger, string error);
}
