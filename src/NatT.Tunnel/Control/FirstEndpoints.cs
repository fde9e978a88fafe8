using System.Net;
using System.Net.Sockets;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Control;

/// <summary>Finds out at the start where peers are: all at once, as one name that does not resolve must not hold up the others.</summary>
public static class FirstEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// For each conf its literal address, or its name's first address if that comes soon; otherwise null, and
    /// <see cref="EndpointResolver"/> goes on looking.
    /// </summary>
    public static async Task<OuterEndpoint?[]> FindAsync(
        IReadOnlyList<PeerConf> confs, Func<string, CancellationToken, Task<IPAddress[]>> lookUp, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(confs);
        ArgumentNullException.ThrowIfNull(lookUp);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
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
