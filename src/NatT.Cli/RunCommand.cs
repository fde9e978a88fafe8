using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using NatT.Cli.Privilege;
using NatT.Crypto;
using NatT.Linux;
using NatT.Tunnel;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Control;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;

namespace NatT.Cli;

/// <summary><c>natt-tun --conf F</c>: runs the tunnels to all peers in the foreground until SIGTERM or SIGINT.</summary>
internal sealed partial class RunCommand(RunOptions options)
{
    private readonly ILogger _logger = new StderrLogger(options.Verbose);
    private bool _isFiltered;

    public async Task<int> ExecuteAsync()
    {
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, stop);
        using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, stop);
        try
        {
            using ParentLink? parent = ParentLink.OfThisProcess(stop.Cancel);
            IConfSource source = parent is null ? new ConfPaths(options.Conf) : parent.Confs;
            using ConfSet confs = source.Read();
            foreach (ConfProblem problem in confs.Problems)
            {
                Console.Error.WriteLine(problem);
            }

            if (!confs.IsValid)
            {
                return ExitCode.ConfigurationError;
            }

            return await RunAsync(parent, source, confs, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StateLockedException or StateUnavailableException)
        {
            LogMachineProblem(_logger, e.Message);
            return ExitCode.MachineProblem;
        }
        catch (Exception e)
        {
            string kind = e.GetType().Name;
            LogDefect(_logger, kind, e.Message);
            return ExitCode.MachineProblem;
        }
    }

    /// <summary>Runs as the parent of a process under another user's name, as that process, or as the only one.</summary>
    private async Task<int> RunAsync(ParentLink? parent, IConfSource source, ConfSet confs, CancellationTokenSource stop)
    {
        UserAccount? user = ConfUser.Find(confs.Process!);
        ServiceNotification manager = parent is null
            ? new ServiceNotification(Environment.GetEnvironmentVariable(ServiceNotification.Variable), _logger)
            : new ServiceNotification(message => parent.TryAsk(ParentRequest.TellManager, Encoding.UTF8.GetBytes(message)), _logger);
        if (user is not null && parent is null)
        {
            // The other process gets them anew.
            confs.WipeKeys();
            return await new PrivilegedParent([.. options.Conf], confs, user, manager, _logger).RunAsync(stop.Token).ConfigureAwait(false);
        }

        _isFiltered = Confinement.Enter(_logger);
        IPrivileges privileges = parent is null ? new OwnPrivileges() : new WorkerPrivileges(parent, user ?? throw ChangedMeanwhile());
        using var stopWaiters = new StopWaiters();
        return await RunAsync(source, confs, confs.Process!, privileges, manager, stop, stopWaiters).ConfigureAwait(false)
            ? ExitCode.Success
            : ExitCode.MachineProblem;
    }

    private static IOException ChangedMeanwhile() => new("the confs no longer have the user that natt-tun was started with: start it again");

    private async Task<bool> RunAsync(
        IConfSource source,
        ConfSet confs,
        ProcessConf process,
        IPrivileges privileges,
        ServiceNotification manager,
        CancellationTokenSource stop,
        StopWaiters stopWaiters)
    {
        foreach (ConfNotice notice in confs.Peers.SelectMany(conf => conf.Notices))
        {
            LogNotice(_logger, notice.IsWarning ? LogLevel.Warning : LogLevel.Information, notice.Text);
        }

        CipherSuite[] suites = [.. confs.Peers.Select(conf => conf.Suite).Distinct()];

        // The JIT's work on the kernels, beside the disk's and the network's.
        Task warmUp = Task.Run(() => Array.ForEach(suites, suite => suite.WarmUp()), CancellationToken.None);
        TimeProvider time = TimeProvider.System;
        using var ivs = new RandomIvs(Entropy.Fill);

        // Records first: whoever else runs with these keys must be found out before anything can be sent.
        using StateStore store = privileges.OpenAsUser(
            () => OwnRecords.Open(process.StateDirectory, string.Join(", ", options.Conf), confs.Peers, _logger));
        NonceRecords.Require(store, confs.Peers);
        using UdpSocket socket = UdpSocket.Bind(
            process.BindAddress, process.BindPort, process.OuterInterface, process.UdpOffload, Degraded);
        using TunDevice device = TunDevice.Open(process.TunName, process.TunOffload, Degraded);

        // Behind the device, which nobody else can have by that name, and so nobody else its socket.
        ControlSocketFolders folders = ControlSocketFolders.OfThisProcess(process.StateDirectory);
        await using ControlSocket? control =
            await ControlSocket.TryOpenAsync(folders, device.Name, _logger, privileges.RemoveControlSocket).ConfigureAwait(false);
        privileges.Drop();
        OuterEndpoint?[] endpoints = await FirstEndpoints.FindAsync(confs.Peers, socket.LocalEndpoint, stop.Token).ConfigureAwait(false);
        var factory = new PeerFactory(ivs, store, time, _logger);
        using var peers = new PeerTable(factory.Create(confs.Peers, endpoints));
        var started = new ConfReload.Start(ReloadOutcome.Process.Of(confs), DeviceNetwork.Of(confs.Peers), socket.LocalEndpoint);

        // The SAs hold expanded keys now; nothing below needs the confs'.
        confs.WipeKeys();
        var setup = new DeviceSetup(_logger);
        string state = setup.Configure(device, confs, endpoints, privileges);
        foreach (Peer peer in peers.Peers)
        {
            peer.Monitor.AssumeMtu(setup.Mtu);
        }

        Array.ForEach(suites, suite => LogSuite(_logger, suite.Name, suite.Engine));
        LogDeviceUp(_logger, device.Name, state, socket.LocalEndpoint);
        int workers = process.Workers ?? TunnelDaemon.WorkersFor(Environment.ProcessorCount);
        LogWorkers(_logger, workers == 1 ? LogLevel.Debug : LogLevel.Information, workers);
        using var daemon = new TunnelDaemon(device, socket, peers, store, Entropy.Fill, time, _logger, workers);

        await warmUp.ConfigureAwait(false);

        // Gone before the peers are, of which it tells.
        await using ControlSocket? serving = control;
        daemon.Status.SystemCallFilter = _isFiltered;
        using var reload = new ConfReload(source, started, privileges.NetworkOf(device), factory, daemon, manager, _logger);
        using var links = new KernelLinkMtus(device, privileges);
        await using MtuWatch watch = Follow(confs, endpoints, peers, setup.Followed(device, confs), links, time);
        reload.Mtus = watch;
        using PosixSignalRegistration hangUp = ReloadOn(PosixSignal.SIGHUP, reload, stop.Token);
        serving?.Serve(
            new ControlVerbs(daemon.Status, time, daemon.Diagnosis) { Reload = token => reload.RunAsync(token), Store = store },
            stop.Cancel,
            stopWaiters,
            EffectiveUser.Id);
        await ForgetAsync(confs).ConfigureAwait(false);
        Task<bool> running = daemon.RunAsync(stop.Token);
        manager.Ready($"device {device.Name} is up: {state}, listening on UDP {socket.LocalEndpoint}");
        await using CancellationTokenRegistration stopping = stop.Token.Register(manager.Stopping);
        return await running.ConfigureAwait(false);
    }

    /// <summary>Keeps the MTU in step with the interfaces.</summary>
    private MtuWatch Follow(
        ConfSet confs, OuterEndpoint?[] endpoints, PeerTable peers, FollowedDevice device, ILinkMtus links, TimeProvider time)
    {
        ImmutableArray<FollowedPeer> followed =
        [
            .. confs.Peers.Select((conf, i) => new FollowedPeer(PeerPath.Of(confs.Process!, conf, endpoints[i]), peers.Peers[i].Monitor)),
        ];
        return new MtuWatch(new MtuFollower(followed, device, links, _logger), time, _logger);
    }

    /// <summary>Gives back what only the start needed: nothing that comes later would make the collector look for it.</summary>
    private static async Task ForgetAsync(ConfSet confs)
    {
        confs.Dispose();

        // As long as the start's methods are on the stack, so is what they saw.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private void Degraded(string what) => LogDegraded(_logger, what);

    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });

    /// <summary>Whoever sends it does not wait for the outcome, which is in the log.</summary>
    private PosixSignalRegistration ReloadOn(PosixSignal signal, ConfReload reload, CancellationToken stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            _ = ReloadAsync(reload, stop);
        });

    private async Task ReloadAsync(ConfReload reload, CancellationToken stop)
    {
        try
        {
            await reload.RunAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It ends anyway.
        }
        catch (Exception e)
        {
            string kind = e.GetType().Name;
            LogDefect(_logger, kind, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "device {Device} is up: {State}, listening on UDP {Endpoint}")]
    private static partial void LogDeviceUp(ILogger logger, string device, string state, OuterEndpoint endpoint);

    [LoggerMessage(Level = LogLevel.Information, Message = "suite {Suite}: {Engine}")]
    private static partial void LogSuite(ILogger logger, string suite, string engine);

    [LoggerMessage(Message = "workers a direction: {Workers}")]
    private static partial void LogWorkers(ILogger logger, LogLevel level, int workers);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}")]
    private static partial void LogDegraded(ILogger logger, string what);

    [LoggerMessage(Message = "{Notice}")]
    private static partial void LogNotice(ILogger logger, LogLevel level, string notice);

    [LoggerMessage(Level = LogLevel.Critical, Message = "a defect in natt-tun, please report it: {Kind}: {Text}")]
    private static partial void LogDefect(ILogger logger, string kind, string text);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Problem}")]
    private static partial void LogMachineProblem(ILogger logger, string problem);
}
