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

    private readonly ILogger _logger;
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

    /// <summary>The start is over, and what <paramref name="status"/> says is there.</summary>
    public void Ready(string status) => Tell($"READY=1\nSTATUS={status}");

    public void Stopping() => Tell("STOPPING=1\nSTATUS=stopping");

    private void Tell(string message)
    {
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
