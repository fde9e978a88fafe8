using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Control;

/// <summary>Looks a peer's DNS name up until it is found, and again while the peer is lost. Never on a data thread.</summary>
/// <param name="lookUp">Finds a name's addresses; <see cref="LookUpAsync"/> but in tests.</param>
/// <param name="time">For the time at which an answer came.</param>
/// <param name="logger">Failures.</param>
public sealed class EndpointResolver(
    Func<string, CancellationToken, Task<IPAddress[]>> lookUp, TimeProvider time, ILogger logger)
{
    /// <summary>Names looked up at the same time; each takes a thread.</summary>
    public const int MostAtOnce = 64;

    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(10);

    private readonly Dictionary<PeerMonitor, TimeSpan> _nextLookUp = [];
    private readonly ConcurrentDictionary<PeerMonitor, string> _failures = [];
    private int _underWay;

    /// <summary>Asks the system for those of a name's addresses that a socket bound to <paramref name="local"/> can send to.</summary>
    public static Task<IPAddress[]> LookUpAsync(string name, OuterEndpoint local, CancellationToken cancellationToken)
    {
        AddressFamily family = !local.Address.IsIPv6 ? AddressFamily.InterNetwork
            : local.Address.IsUnspecified ? AddressFamily.Unspecified
            : AddressFamily.InterNetworkV6;

        // getaddrinfo(3) keeps its thread until the resolver gives up, cancelled or not. On the pool's threads, a few names
        // that do not resolve would hold up all others, and the control loop.
        return Task.Factory
            .StartNew(() => Dns.GetHostAddresses(name, family), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .WaitAsync(cancellationToken);
    }

    /// <summary>Starts a look-up where one is due and not too many are under way; when to come again, unless the peer's state changes.</summary>
    public TimeSpan Tick(Peer peer, TimeSpan now)
    {
        bool isNeeded = peer.RemoteName is not null && (peer.Monitor.Route.Endpoint is null || !peer.Monitor.IsUp);
        if (!isNeeded)
        {
            return TimeSpan.MaxValue;
        }

        if (_nextLookUp.TryGetValue(peer.Monitor, out TimeSpan next) && now < next)
        {
            return next;
        }

        if (Volatile.Read(ref _underWay) >= MostAtOnce)
        {
            return now;
        }

        _nextLookUp[peer.Monitor] = now + Spacing;
        _ = ResolveAsync(peer, peer.RemoteName!);
        return now + Spacing;
    }

    /// <summary>The peer is no more, or has another name.</summary>
    public void Forget(PeerMonitor monitor)
    {
        _nextLookUp.Remove(monitor);
        _failures.TryRemove(monitor, out _);
    }

    private async Task ResolveAsync(Peer peer, string name)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            using var timeout = new CancellationTokenSource(Spacing);
            IPAddress[] addresses = await lookUp(name, timeout.Token).ConfigureAwait(false);
            if (addresses is [IPAddress first, ..])
            {
                _failures.TryRemove(peer.Monitor, out _);
                peer.Monitor.NoteResolved(new OuterEndpoint(IpAddress.From(first), peer.RemotePort), time.GetElapsedTime(0));
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ArgumentException)
        {
            // Every ten seconds the same line would say nothing new.
            if (_failures.TryAdd(peer.Monitor, name))
            {
                TunnelLog.DoesNotResolve(logger, peer.Name, name, e.Message);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }
}
