using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace NatT.Cli;

/// <summary>Tells the service manager that started us how we are doing: sd_notify(3), a datagram a message.</summary>
internal sealed partial class ServiceNotification
{
    public const string Variable = "NOTIFY_SOCKET";

    /// <summary>A manager that does not read must not hold us up.</summary>
    private const int SendTimeoutMilliseconds = 1000;

    private static readonly string[] Known = ["READY=", "STATUS=", "STOPPING=", "RELOADING=", "MONOTONIC_USEC="];

    private readonly ILogger _logger;
    private readonly Action<string>? _teller;
    private UnixDomainSocketEndPoint? _manager;

    /// <param name="address">A path, or <c>@</c> and an abstract name; null or empty: nobody wants to know.</param>
    /// <param name="logger">Hears, once, that nothing can be told.</param>
    public ServiceNotification(string? address, ILogger logger)
    {
        _logger = logger;
        if (string.IsNullOrEmpty(address))
        {
            return;
        }

        if (address[0] is not ('/' or '@'))
        {
            LogNotTold(_logger, Variable, address, "neither a path nor @ and an abstract name");
            return;
        }

        try
        {
            _manager = new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address);
        }
        catch (ArgumentOutOfRangeException)
        {
            LogNotTold(_logger, Variable, address, "too long for a socket");
        }
    }

    /// <summary>Somebody else tells it, to whom the manager listens.</summary>
    public ServiceNotification(Action<string> teller, ILogger logger)
    {
        _teller = teller;
        _logger = logger;
    }

    /// <summary>Passes on what another process tells of itself, as far as it is of the kinds that we tell.</summary>
    public void PassOn(string message)
    {
        string[] lines = [.. message.Split('\n').Where(line => Known.Any(name => line.StartsWith(name, StringComparison.Ordinal)))];
        if (lines.Length > 0)
        {
            Tell(string.Join('\n', lines));
        }
    }

    /// <summary>The start, or a reload, is over, and what <paramref name="status"/> says is there.</summary>
    /// <param name="status">Null: as it was.</param>
    public void Ready(string? status) => Tell(status is null ? "READY=1" : $"READY=1\nSTATUS={status}");

    /// <summary>Confs are read again, until <see cref="Ready"/>.</summary>
    public void Reloading() =>
        Tell(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetElapsedTime(0).Ticks / TimeSpan.TicksPerMicrosecond}"));

    public void Stopping() => Tell("STOPPING=1\nSTATUS=stopping");

    private void Tell(string message)
    {
        _teller?.Invoke(message);
        if (_manager is null)
        {
            return;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = SendTimeoutMilliseconds };
            socket.SendTo(Encoding.UTF8.GetBytes(message), _manager);
        }
        catch (SocketException e)
        {
            string problem = e.SocketErrorCode switch
            {
                SocketError.AddressNotAvailable or SocketError.ConnectionRefused => "nobody listens there",
                SocketError.TimedOut or SocketError.WouldBlock => "it does not read",
                _ => e.Message,
            };
            LogNotTold(_logger, Variable, $"{_manager}", problem);
            _manager = null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "the service manager hears nothing of us, {Variable} = {Address}: {Problem}")]
    private static partial void LogNotTold(ILogger logger, string variable, string address, string problem);
}
