using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Tunnel.Configuration;
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
public sealed class TunnelDaemon : IDisposable
{
    /// <summary>With more, what one thread reads and sends keeps no more of them busy.</summary>
    private const int MostWorkers = 4;

    private static readonly TimeSpan SettlePeriod = TimeSpan.FromMilliseconds(5);

    private readonly ITunDevice _device;
    private readonly IDatagramSocket _socket;
    private readonly TimeProvider _time;
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
        _time = time;
        _logger = logger;
        var queue = new ControlPackets(device.Wake);
        _sealing = new CipherHelpers(workers - 1);
        _opening = new CipherHelpers(workers - 1);
        _outbound = new OutboundPath(device, socket, peers, queue, time, _sealing);
        _inbound = new InboundPath(device, socket, peers, queue, time, _opening);
        var kernelQueues = new KernelQueues(device, socket, _outbound.Counters, _inbound.Counters, logger);
        var resolver = new EndpointResolver(
            (name, cancellationToken) => EndpointResolver.LookUpAsync(name, socket.LocalEndpoint, cancellationToken), time, logger);
        Diagnosis = new MismatchDiagnosis(peers, _inbound.Failing, time, logger);
        Roster = new PeerRoster(peers, _outbound, _inbound, Wake, store, logger);
        _control = new ControlLoop(Roster, queue, entropy, resolver, kernelQueues, new DropSummary([]), time, logger, Diagnosis);
        Status = new StatusReporter(
            device.Name, socket.LocalEndpoint, peers, _inbound.Counters, _outbound.Counters, kernelQueues, time);
        Roster.Replaced += Status.Follow;
    }

    /// <summary>Threads a direction, unless a conf says otherwise: two directions with one each have enough of two cores.</summary>
    public static int WorkersFor(int cores) => Math.Clamp(cores / 2, 1, MostWorkers);

    /// <summary>The peers there are; whoever disposes it ends them.</summary>
    public PeerRoster Roster { get; }

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
        Wake();
        outbound.Join();
        inbound.Join();
        _sealing.Stop();
        _opening.Stop();
        Roster.CloseRecords();
        return !failure.IsCancellationRequested;
    }

    /// <summary>Takes other confs up, all at once or not at all, without a packet lost of peers that stay. One call at a time.</summary>
    /// <param name="confs">A valid set.</param>
    /// <param name="process">What the confs at the start said of the process.</param>
    /// <param name="endpoints">Where each peer is, as far as its conf tells.</param>
    /// <param name="factory">Makes what is new.</param>
    /// <param name="prepare">Done before anything changes; what it throws leaves all as it was.</param>
    /// <param name="cancellationToken">Ends the waiting for packets under way, and for a natt-tun that is just starting or stopping.</param>
    public async Task<ReloadOutcome> ReloadAsync(
        ConfSet confs,
        ReloadOutcome.Process process,
        IReadOnlyList<OuterEndpoint?> endpoints,
        PeerFactory factory,
        Action prepare,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(process);
        ReloadOutcome? outcome = null;
        while (outcome is null)
        {
            await SettleAsync(cancellationToken).ConfigureAwait(false);
            Task<ReloadOutcome?> change = ChangeAsync(confs, process, endpoints, factory, prepare);
            outcome = await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        await SettleAsync(cancellationToken).ConfigureAwait(false);
        return outcome;
    }

    /// <summary>Ends the peers. After <see cref="RunAsync"/>.</summary>
    public void Dispose() => Roster.Dispose();

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        while (!Roster.IsSettled)
        {
            await Task.Delay(SettlePeriod, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Null where a retirement came in between.</summary>
    private async Task<ReloadOutcome?> ChangeAsync(
        ConfSet confs, ReloadOutcome.Process process, IReadOnlyList<OuterEndpoint?> endpoints, PeerFactory factory, Action prepare)
    {
        ReloadOutcome? outcome = null;
        await _control.DoAsync(() =>
        {
            if (!Roster.IsSettled)
            {
                return;
            }

            var plan = RosterChange.Plan(Roster.Table, confs, process.Texts);
            if (plan.Problems.Count > 0)
            {
                outcome = new ReloadOutcome([.. plan.Problems.Select(problem => problem.ToString())], []);
                return;
            }

            prepare();
            ChangedPeers changed = factory.Change(plan, endpoints);
            if (!changed.Peers.SequenceEqual(Roster.Table.Peers))
            {
                Roster.Replace(new PeerTable(changed.Peers));
            }

            changed.Finish();
            outcome = new ReloadOutcome([], [.. changed.Lines]);
        }).ConfigureAwait(false);
        return outcome;
    }

    private void Wake()
    {
        _device.Wake();
        _socket.Wake();
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
