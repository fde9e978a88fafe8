using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace NatT.Cli.Tests;

/// <summary>Each against a real datagram socket, as a service manager has one.</summary>
public sealed class ServiceNotificationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WarningList _warnings = new();
    private readonly Socket _manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 5000 };

    [Fact]
    public void Manager_behind_a_path_hears_that_we_are_ready_and_then_that_we_stop()
    {
        string path = _folder["notify"];
        _manager.Bind(new UnixDomainSocketEndPoint(path));
        var notification = new ServiceNotification(path, _warnings);

        notification.Ready("device natt0 is up");
        notification.Stopping();

        Assert.Equal("READY=1\nSTATUS=device natt0 is up", Receive());
        Assert.Equal("STOPPING=1\nSTATUS=stopping", Receive());
        Assert.Empty(_warnings.Lines);
    }

    [Fact]
    public void Manager_hears_of_a_reload_and_of_its_end()
    {
        string path = _folder["notify"];
        _manager.Bind(new UnixDomainSocketEndPoint(path));
        var notification = new ServiceNotification(path, _warnings);

        notification.Reloading();
        notification.Ready(null);

        Assert.Matches(@"^RELOADING=1\nMONOTONIC_USEC=\d+$", Receive());
        Assert.Equal("READY=1", Receive());
    }

    [Fact]
    public void Manager_behind_an_abstract_name_hears_it_too()
    {
        string name = $"natt-test-{Guid.NewGuid():N}";
        _manager.Bind(new UnixDomainSocketEndPoint('\0' + name));

        new ServiceNotification('@' + name, _warnings).Ready("device natt0 is up");

        Assert.StartsWith("READY=1\n", Receive(), StringComparison.Ordinal);
        Assert.Empty(_warnings.Lines);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_a_manager_nothing_is_said(string? address)
    {
        new ServiceNotification(address, _warnings).Ready("");

        Assert.Empty(_warnings.Lines);
    }

    [Theory]
    [InlineData("/nowhere/notify", "nobody listens there")]
    [InlineData("@natt-nobody-listens-here", "nobody listens there")]
    [InlineData("@", "nobody listens there")]
    [InlineData("vsock:2:1234", "neither a path nor @ and an abstract name")]
    [InlineData("notify", "neither a path nor @ and an abstract name")]
    [InlineData(
        "/a-path-that-is-longer-than-the-108-octets-of-a-socket-address-so-that-no-socket-can-ever-have-been-bound-to-it",
        "too long for a socket")]
    public void An_address_that_leads_nowhere_is_one_warning_and_no_failure(string address, string problem)
    {
        var notification = new ServiceNotification(address, _warnings);

        notification.Ready("device natt0 is up");
        notification.Stopping();

        Assert.Equal($"the service manager hears nothing of us, NOTIFY_SOCKET = {address}: {problem}", Assert.Single(_warnings.Lines));
    }

    [Fact]
    public void A_manager_that_does_not_read_holds_nothing_up_for_long()
    {
        string path = _folder["notify"];
        _manager.Bind(new UnixDomainSocketEndPoint(path));
        var notification = new ServiceNotification(path, _warnings);

        // Its queue takes a few of them; the first that finds no room ends it.
        for (int i = 0; i < 10_000; i++)
        {
            notification.Ready("device natt0 is up");
        }

        Assert.EndsWith(": it does not read", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _manager.Dispose();
        _folder.Dispose();
    }

    private string Receive()
    {
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, _manager.Receive(buffer));
    }

    private sealed class WarningList : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Assert.Equal(LogLevel.Warning, logLevel);
            Lines.Add(formatter(state, exception));
        }
    }
}
