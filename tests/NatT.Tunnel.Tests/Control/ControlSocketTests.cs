using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using NatT.Tunnel.Control;
using NatT.Tunnel.Tests.State;

namespace NatT.Tunnel.Tests.Control;

public sealed class ControlSocketTests : IAsyncLifetime, IDisposable
{
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>The tests', as /proc has it: not every one of them runs as root.</summary>
    private static readonly uint User = uint.Parse(
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[2],
        CultureInfo.InvariantCulture);

    private readonly string _folder = Directory.CreateTempSubdirectory("natt-control-").FullName;
    private readonly ControlLab _lab = new();
    private readonly RecordingLogger _logger = new();
    private readonly StopWaiters _waiters = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ControlSocket> _open = [];

    [Fact]
    public async Task Socket_and_folders_are_their_owners_alone_and_go_with_it()
    {
        ControlSocket socket = await OpenAsync();
        string path = Path.Combine(_folder, "first", "4711", "natt0.sock");

        Assert.Equal(path, socket.Path);
        Assert.Equal(OwnerReadsAndWrites, File.GetUnixFileMode(path));
        Assert.Equal(OwnerReadsAndWrites | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        await socket.DisposeAsync();

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Requests_are_answered_one_by_one()
    {
        ControlSocket socket = await OpenAsync();
        using ControlClient client = await ConnectAsync(socket);

        Assert.Equal("natt0", (await client.AskAsync(new("status"), CancellationToken.None)).Status?.Device);
        Assert.NotNull((await client.AskAsync(new("nonsense"), CancellationToken.None)).Error);
        Assert.Equal("natt0", (await client.AskAsync(new("status"), CancellationToken.None)).Status?.Device);
    }

    [Fact]
    public async Task Garbage_gets_one_line_and_the_connection_goes_on()
    {
        ControlSocket socket = await OpenAsync();
        using RawConnection raw = await RawConnection.OpenAsync(socket.Path);

        await raw.WriteAsync("GET / HTTP/1.1\n");

        Assert.StartsWith("{\"error\":", await raw.ReadLineAsync(), StringComparison.Ordinal);
        await raw.WriteAsync("{\"verb\":\"status\"}\n");
        Assert.StartsWith("{\"status\":", await raw.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_that_does_not_end_gets_an_error_and_the_connection_is_closed()
    {
        ControlSocket socket = await OpenAsync();
        using RawConnection raw = await RawConnection.OpenAsync(socket.Path);

        await raw.WriteAsync(new string('x', (64 * 1024) + 1));

        Assert.Contains("longer than 65536", await raw.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Null(await raw.ReadLineAsync());
        await AssertAnswersAsync(socket);
    }

    [Fact]
    public async Task Connection_that_idles_is_closed()
    {
        ControlSocket socket = await OpenAsync(patience: TimeSpan.FromMilliseconds(50));
        using RawConnection raw = await RawConnection.OpenAsync(socket.Path);

        await raw.WriteAsync("{\"verb\":");

        Assert.Null(await raw.ReadLineAsync());
    }

    [Fact]
    public async Task Ninth_connection_is_told_to_come_back_and_can_once_another_has_gone()
    {
        ControlSocket socket = await OpenAsync();
        var clients = new List<ControlClient>();
        for (int i = 0; i < 8; i++)
        {
            clients.Add(await ConnectAsync(socket));
            await clients[^1].AskAsync(new("status"), CancellationToken.None);
        }

        using (RawConnection ninth = await RawConnection.OpenAsync(socket.Path))
        {
            Assert.Contains("try again", await ninth.ReadLineAsync(), StringComparison.Ordinal);
        }

        clients.ForEach(client => client.Dispose());
        await UntilAnswersAsync(socket);
    }

    [Fact]
    public async Task Credentials_are_those_of_whoever_connected()
    {
        string path = Path.Combine(_folder, "listener");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        using RawConnection raw = await RawConnection.OpenAsync(path);
        using Socket accepted = await listener.AcceptAsync();

        var credentials = PeerCredentials.Of(accepted);

        Assert.Equal((Environment.ProcessId, User), (credentials.ProcessId, credentials.UserId));
    }

    [Fact]
    public async Task Socket_of_a_killed_process_is_replaced()
    {
        string path = Path.Combine(_folder, "first", "4711", "natt0.sock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Bound by another name, so that closing it leaves the file in place as a kill does.
            killed.Bind(new UnixDomainSocketEndPoint(path + "x"));
            File.Move(path + "x", path);
        }

        Assert.True(File.Exists(path));
        ControlSocket socket = await OpenAsync();

        Assert.Equal(path, socket.Path);
        await AssertAnswersAsync(socket);
    }

    [Fact]
    public async Task Socket_that_answers_is_not_replaced()
    {
        ControlSocket first = await OpenAsync();

        ControlSocket second = await OpenAsync();

        Assert.Equal(Path.Combine(_folder, "second", "4711", "natt0.sock"), second.Path);
        await AssertAnswersAsync(first);
    }

    [Fact]
    public async Task Without_any_place_one_warning_says_so()
    {
        // A root that is a file, and one too long for a socket's name.
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        var folders = new ControlSocketFolders([Path.Combine(_folder, "file"), Path.Combine(_folder, new string('x', 120))], "4711");

        Assert.Null(await ControlSocket.TryOpenAsync(folders, "natt0", _logger));

        Assert.Contains("no control socket", Assert.Single(_logger.Lines(LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_asks_for_a_stop_sees_the_connection_end_when_all_is_over()
    {
        ControlSocket socket = await OpenAsync();
        using ControlClient client = await ConnectAsync(socket);

        ControlAnswer answer = await client.AskAsync(new("stop"), CancellationToken.None);
        Task ending = client.WaitForEndAsync(CancellationToken.None);

        Assert.Equal(Environment.ProcessId, answer.StoppingPid);
        await _stopped.Task.WaitAsync(Limit);
        await socket.DisposeAsync();
        Assert.False(ending.IsCompleted);
        _waiters.Dispose();
        await ending.WaitAsync(Limit);
    }

    [Fact]
    public async Task Open_connections_do_not_keep_the_socket_from_closing()
    {
        ControlSocket socket = await OpenAsync();
        using ControlClient client = await ConnectAsync(socket);
        await client.AskAsync(new("status"), CancellationToken.None);

        await socket.DisposeAsync().AsTask().WaitAsync(Limit);

        await Assert.ThrowsAnyAsync<IOException>(() => client.AskAsync(new("status"), CancellationToken.None));
        Assert.Null(await ControlClient.TryConnectAsync(socket.Path, CancellationToken.None));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (ControlSocket socket in _open)
        {
            await socket.DisposeAsync();
        }

        Assert.Empty(_logger.Lines(LogLevel.Error));
    }

    public void Dispose()
    {
        _waiters.Dispose();
        _lab.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<ControlSocket> OpenAsync(TimeSpan? patience = null)
    {
        var folders = new ControlSocketFolders([Path.Combine(_folder, "first"), Path.Combine(_folder, "second")], "4711");
        ControlSocket socket = Assert.IsType<ControlSocket>(await ControlSocket.TryOpenAsync(folders, "natt0", _logger));
        socket.Patience = patience ?? Limit;
        socket.Serve(_lab.Verbs, _stopped.SetResult, _waiters, User);
        _open.Add(socket);
        return socket;
    }

    private static async Task<ControlClient> ConnectAsync(ControlSocket socket) =>
        Assert.IsType<ControlClient>(await ControlClient.TryConnectAsync(socket.Path, CancellationToken.None));

    private static async Task AssertAnswersAsync(ControlSocket socket)
    {
        using ControlClient client = await ConnectAsync(socket);
        Assert.NotNull((await client.AskAsync(new("status"), CancellationToken.None)).Status);
    }

    /// <summary>The socket sees only after a moment that others have gone.</summary>
    private static async Task UntilAnswersAsync(ControlSocket socket)
    {
        using var timeout = new CancellationTokenSource(Limit);
        while (true)
        {
            using ControlClient client = await ConnectAsync(socket);
            if ((await client.AskAsync(new("status"), timeout.Token)).Status is not null)
            {
                return;
            }
        }
    }

    /// <summary>A connection that keeps no rules.</summary>
    private sealed class RawConnection(NetworkStream stream) : IDisposable
    {
        private readonly StreamReader _reader = new(stream);

        public static async Task<RawConnection> OpenAsync(string path)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            return new RawConnection(new NetworkStream(socket, ownsSocket: true));
        }

        public async Task WriteAsync(string text) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text));

        public async Task<string?> ReadLineAsync() => await _reader.ReadLineAsync().WaitAsync(Limit);

        public void Dispose() => _reader.Dispose();
    }
}
