using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Tunnel.Control;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Diagnosis;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;

namespace NatT.Tunnel;

/// <summary>
/// Runs the tunnel: one thread a direction, which owns that direction's SAs and moves packets to completion, helpers that seal and
/// open for it where there are cores, and the control loop beside them.
/// </summary>
public sealed class TunnelDaemon
{
    /// <summary>With more, what one thread reads and sends keeps no more of them busy.</summary>
    private const int MostWorkers = 4;

    private readonly ITunDevice _device;
    private readonly IDatagramSocket _socket;
    private readonly PeerTable _peers;
    private readonly StateStore _store;
    private readonly CipherHelpers _sealing;
    private readonly CipherHelpers _opening;
    private readonly OutboundPath _outbound;
    private readonly InboundPath _inbound;
    private readonly ControlLoop _control;
    private readonly ILogger _logger;

    public TunnelDaemon(
        ITunDevice device,
        IDatagramSocket socket,
        PeerTable peers,
        StateStore store,
        EntropySource entropy,
        TimeProvider time,
        ILogger logger,
        int workers = 1)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(peers);
        _device = device;
        _socket = socket;
        _peers = peers;
        _store = store;
        _logger = logger;
        var queue = new ControlPackets(device.Wake);
        _sealing = new CipherHelpers(workers - 1);
        _opening = new CipherHelpers(workers - 1);
        _outbound = new OutboundPath(device, socket, peers, queue, time, _sealing);
        _inbound = new InboundPath(device, socket, peers, queue, time, _opening);
        var kernelQueues = new KernelQueues(device, socket, _outbound.Counters, _inbound.Counters, logger);
        var drops = new DropSummary(
            [_outbound.Counters, _inbound.Counters, .. peers.Peers.SelectMany(p => new[] { p.OutboundCounters, p.InboundCounters })]);
        var resolver = new EndpointResolver(
            (name, cancellationToken) => EndpointResolver.LookUpAsync(name, socket.LocalEndpoint, cancellationToken), time, logger);
        Diagnosis = new MismatchDiagnosis(peers, _inbound.Failing, time, logger);
        _control = new ControlLoop(peers, queue, entropy, resolver, kernelQueues, drops, time, logger, Diagnosis);
        Status = new StatusReporter(
            device.Name, socket.LocalEndpoint, peers, _inbound.Counters, _outbound.Counters, kernelQueues, time);
    }

    /// <summary>Threads a direction, unless a conf says otherwise: two directions with one each have enough of two cores.</summary>
    public static int WorkersFor(int cores) => Math.Clamp(cores / 2, 1, MostWorkers);

    /// <summary>Tells how the tunnel is doing.</summary>
    public StatusReporter Status { get; }

    /// <summary>Tells why datagrams fail.</summary>
    public MismatchDiagnosis Diagnosis { get; }

    /// <summary>Runs until stopped, then records the exact sequence numbers.</summary>
    /// <returns>False where a data path failed on its own.</returns>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        using var failure = new CancellationTokenSource();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, failure.Token);
        _sealing.Start("sealing");
        _opening.Start("opening");
        Thread outbound = Start("outbound path", _outbound.RunOnce, _outbound.Finish, failure, ending.Token);
        Thread inbound = Start("inbound path", _inbound.RunOnce, _inbound.Finish, failure, ending.Token);
        await ControlAsync(failure, ending.Token).ConfigureAwait(false);

        // Whoever cancelled has run us up to here, and may be one of the threads joined below: go on without it.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        _device.Wake();
        _socket.Wake();
        outbound.Join();
        inbound.Join();
        _sealing.Stop();
        _opening.Stop();
        _peers.CloseRecords(_store);
        return !failure.IsCancellationRequested;
    }

    private async Task ControlAsync(CancellationTokenSource failure, CancellationToken ending)
    {
        try
        {
            Task sampling = Status.SampleRatesAsync(ending);
            await _control.RunAsync(ending).ConfigureAwait(false);
            await sampling.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Without it nothing would end the data threads, and no numbers would be recorded.
            TunnelLog.PathStopped(_logger, "control loop", e.Message);
            await failure.CancelAsync().ConfigureAwait(false);
        }
    }

    private Thread Start(string name, Action runOnce, Action finish, CancellationTokenSource failure, CancellationToken ending)
    {
        var thread = new Thread(() => Run(name, runOnce, finish, failure, ending)) { Name = name };
        thread.Start();
        return thread;
    }

    private void Run(string name, Action runOnce, Action finish, CancellationTokenSource failure, CancellationToken ending)
    {
        try
        {
            while (!ending.IsCancellationRequested)
            {
                runOnce();
            }

            finish();
        }
        catch (Exception e)
        {
            // The device or the socket is gone, or we have a bug: nothing a packet can cause ends up here. Stop in good order.
            TunnelLog.PathStopped(_logger, name, e.Message);
            failure.Cancel();
        }
    }
}
