using System.Net;
using System.Net.Sockets;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Control;

/// <summary>Finds out at the start where peers are: all at once, as one name that does not resolve must not hold up the others.</summary>
public static class FirstEndpoints
{
    /// <summary>Long enough for a resolver that works, short enough to start without one.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The same for a socket bound to <paramref name="local"/>, by the system's names and with the usual <see cref="Patience"/>.</summary>
    public static Task<OuterEndpoint?[]> FindAsync(IReadOnlyList<PeerConf> confs, OuterEndpoint local, CancellationToken cancellationToken) =>
        FindAsync(confs, (name, patience) => EndpointResolver.LookUpAsync(name, local, patience), Patience, cancellationToken);

    /// <summary>
    /// For each conf its literal address, or its name's first address if that comes soon; otherwise null, and
    /// <see cref="EndpointResolver"/> goes on looking.
    /// </summary>
    /// <param name="confs">Of all peers.</param>
    /// <param name="lookUp">Finds a name's addresses.</param>
    /// <param name="limit">For all names together: <see cref="Patience"/> but in tests.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<OuterEndpoint?[]> FindAsync(
        IReadOnlyList<PeerConf> confs,
        Func<string, CancellationToken, Task<IPAddress[]>> lookUp,
        TimeSpan limit,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(confs);
        ArgumentNullException.ThrowIfNull(lookUp);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(limit);
        var endpoints = new OuterEndpoint?[confs.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = EndpointResolver.MostAtOnce };
        await Parallel.ForAsync(0, confs.Count, options, async (i, _) =>
        {
            endpoints[i] = await FindAsync(confs[i], lookUp, patience.Token).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return endpoints;
    }

    private static async Task<OuterEndpoint?> FindAsync(
        PeerConf conf, Func<string, CancellationToken, Task<IPAddress[]>> lookUp, CancellationToken patience)
    {
        if (conf.RemoteHost is null)
        {
            return null;
        }

        if (IpAddress.TryParse(conf.RemoteHost, out IpAddress address))
        {
            return new OuterEndpoint(address, conf.RemotePort);
        }

        if (patience.IsCancellationRequested)
        {
            return null;
        }

        try
        {
            IPAddress[] found = await lookUp(conf.RemoteHost, patience).ConfigureAwait(false);
            return found is [IPAddress first, ..] ? new OuterEndpoint(IpAddress.From(first), conf.RemotePort) : null;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return null;
        }
    }
}
