using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Tunnel;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Control;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;

namespace NatT.Cli;

/// <summary>Reads the confs again while natt-tun runs, and takes them up or says why not. One at a time; any thread.</summary>
/// <param name="source">The confs.</param>
/// <param name="started">What ran at the start.</param>
/// <param name="setup">Changes the device.</param>
/// <param name="factory">Makes peers.</param>
/// <param name="daemon">Runs them.</param>
/// <param name="manager">Is told when.</param>
/// <param name="logger">Gets the same lines as whoever asked.</param>
internal sealed partial class ConfReload(
    IConfSource source,
    ConfReload.Start started,
    IDeviceNetworkSetup setup,
    PeerFactory factory,
    TunnelDaemon daemon,
    ServiceNotification manager,
    ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private DeviceNetwork _network = started.Network;

    /// <summary>Follows the MTU of the paths of all peers; null: nobody does.</summary>
    public MtuWatch? Mtus { get; set; }

    public async Task<ReloadOutcome> RunAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            manager.Reloading();
            ReloadOutcome outcome = await TryAsync(cancellationToken).ConfigureAwait(false);
            Tell(outcome);
            return outcome;
        }
        finally
        {
            manager.Ready(null);
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<ReloadOutcome> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            using ConfSet confs = source.Read();
            return confs.IsValid
                ? await TakeUpAsync(confs, confs.Process, cancellationToken).ConfigureAwait(false)
                : new ReloadOutcome([.. confs.Problems.Select(problem => problem.ToString())], []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StateUnavailableException)
        {
            return new ReloadOutcome([e.Message], []);
        }
    }

    private async Task<ReloadOutcome> TakeUpAsync(ConfSet confs, ProcessConf process, CancellationToken cancellationToken)
    {
        OuterEndpoint?[] endpoints =
            await FirstEndpoints.FindAsync(confs.Peers, started.LocalEndpoint, cancellationToken).ConfigureAwait(false);
        foreach (CipherSuite suite in confs.Peers.Select(conf => conf.Suite).Distinct())
        {
            suite.WarmUp();
        }

        var wanted = DeviceNetwork.Of(confs.Peers);
        bool isPrepared = false;
        ReloadOutcome outcome;
        try
        {
            outcome = await daemon.ReloadAsync(confs, started.Process, endpoints, factory, Prepare, cancellationToken).ConfigureAwait(false);
        }
        catch when (isPrepared)
        {
            setup.Remove(wanted.Except(_network), _network);
            throw;
        }

        if (!outcome.Problems.IsEmpty)
        {
            return outcome;
        }

        Follow(confs, process);
        DeviceNetwork before = _network;
        _network = wanted;
        setup.Remove(before.Except(wanted), wanted);
        foreach (ConfNotice notice in confs.Peers.SelectMany(conf => conf.Notices))
        {
            LogLine(logger, notice.IsWarning ? LogLevel.Warning : LogLevel.Information, notice.Text);
        }

        return outcome;

        void Prepare()
        {
            setup.Add(wanted.Except(_network));
            isPrepared = true;
        }
    }

    /// <summary>New peers believe what the device lets pass, until their paths are measured.</summary>
    private void Follow(ConfSet confs, ProcessConf process)
    {
        Dictionary<string, Peer> peers = daemon.Roster.Table.Peers.ToDictionary(peer => peer.Name);
        ImmutableArray<FollowedPeer> followed =
        [
            .. confs.Peers.Select(conf => (Conf: conf, peers[conf.Name].Monitor))
                .Select(entry => new FollowedPeer(PeerPath.Of(process, entry.Conf, entry.Monitor.Route.Endpoint), entry.Monitor)),
        ];
        Mtus?.Follow(followed, confs.Peers.Any(conf => conf.DeviceAddresses.Any(address => address.Address.IsIPv6)));
    }

    private void Tell(ReloadOutcome outcome)
    {
        foreach (string line in outcome.Changes)
        {
            LogLine(logger, LogLevel.Information, line);
        }

        foreach (string line in outcome.Problems)
        {
            LogLine(logger, LogLevel.Error, line);
        }

        if (!outcome.Problems.IsEmpty)
        {
            LogKept(logger);
        }
        else if (outcome.Changes.IsEmpty)
        {
            LogUnchanged(logger);
        }
    }

    [LoggerMessage(Message = "reload: {Line}")]
    private static partial void LogLine(ILogger logger, LogLevel level, string line);

    [LoggerMessage(Level = LogLevel.Error, Message = "reload: not done, all goes on as it was")]
    private static partial void LogKept(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "reload: nothing has changed")]
    private static partial void LogUnchanged(ILogger logger);

    /// <summary>What ran at the start, without the confs.</summary>
    /// <param name="Process">What they said of the process.</param>
    /// <param name="Network">What they put on the device.</param>
    /// <param name="LocalEndpoint">Where we listen.</param>
    public sealed record Start(ReloadOutcome.Process Process, DeviceNetwork Network, OuterEndpoint LocalEndpoint);
}
