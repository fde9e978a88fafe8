using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Esp;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Control;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Diagnosis;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;
using NatT.Tunnel.Tests.State;

namespace NatT.Tunnel.Tests.DataPath.Lab;

/// <summary>
/// One end of a tunnel as the daemon composes it, on the test's thread: a process that can be stopped, killed and
/// started again, on a host that can be rebooted and lose its records.
/// </summary>
internal sealed class TunnelEnd : IDisposable
{
    private readonly InMemoryNetwork _network;
    private readonly ManualTimeProvider _time;
    private readonly List<PeerConf> _former = [];
    private PeerConf _conf;
    private readonly OuterEndpoint? _remote;
    private readonly string _directory = Directory.CreateTempSubdirectory("natt-end-").FullName;
    private readonly SimulatedDisk? _disk;
    private readonly RandomIvs _ivs = new(RandomNumberGenerator.Fill);
    private Guid _bootId = Guid.NewGuid();
    private OuterEndpoint _address;
    private ControlLoop _control = null!;
    private PeerFactory _factory = null!;

    /// <param name="network">Joins the ends.</param>
    /// <param name="time">Both ends' clock.</param>
    /// <param name="conf">Becomes this end's.</param>
    /// <param name="address">Where it is at first.</param>
    /// <param name="remote">Where it expects the other end; null: it waits.</param>
    /// <param name="disk">Holds the journal in place of a real file.</param>
    public TunnelEnd(
        InMemoryNetwork network,
        ManualTimeProvider time,
        PeerConf conf,
        OuterEndpoint address,
        OuterEndpoint? remote,
        SimulatedDisk? disk = null)
    {
        _network = network;
        _time = time;
        _conf = conf;
        _address = address;
        _remote = remote;
        _disk = disk;
        DeclareUnused();
        Start();
    }

    public InMemoryTunDevice Device { get; private set; } = null!;

    public InMemorySocket Socket { get; private set; } = null!;

    public PeerRoster Roster { get; private set; } = null!;

    /// <summary>The first, under the keys that traffic goes by.</summary>
    public Peer Peer => Roster.Table.Peers[0].Carrier;

    public ControlPackets Queue { get; private set; } = null!;

    public OutboundPath Outbound { get; private set; } = null!;

    public InboundPath Inbound { get; private set; } = null!;

    public KernelQueues KernelQueues { get; private set; } = null!;

    public MismatchDiagnosis Diagnosis { get; private set; } = null!;

    public RecordingLogger Logger { get; } = new();

    /// <summary>What was warned of, but for a slow disk: that is the machine's, which other work keeps busy.</summary>
    public IReadOnlyList<string> Warnings =>
        [.. Logger.Lines(LogLevel.Warning).Where(line => !line.StartsWith("The disk takes longer", StringComparison.Ordinal))];

    public StateStore Store { get; private set; } = null!;

    /// <summary>A clean stop and a new process.</summary>
    public void Restart()
    {
        CloseRecords();
        Kill();
    }

    /// <summary>What a clean stop writes.</summary>
    public void CloseRecords() => Roster.CloseRecords();

    /// <summary>kill -9 and a new process.</summary>
    public void Kill()
    {
        Store.Dispose();
        Start();
    }

    /// <summary>kill -9, another boot and a new process.</summary>
    public void Reboot()
    {
        _bootId = Guid.NewGuid();
        Kill();
    }

    /// <summary>kill -9, and the state directory is gone when the new process starts.</summary>
    public void LoseRecords()
    {
        Store.Dispose();
        Directory.Delete(_directory, recursive: true);
        Start();
    }

    /// <summary>What <c>natt-tun reload</c> does once the confs are read; returns what it says, problems or changes.</summary>
    public IReadOnlyList<string> Reload(params PeerConf[] confs)
    {
        while (!Roster.IsSettled)
        {
            RunOnce();
            Tick();
        }

        ConfSet set = ConfSet.Compose([.. confs], []);
        Assert.Empty(set.Problems);
        var plan = RosterChange.Plan(Roster.Table, set, ProcessConf.TextsOf([_conf]));
        if (plan.Problems.Count > 0)
        {
            return [.. plan.Problems.Select(problem => problem.ToString())];
        }

        foreach (PeerConf conf in confs.Where(NonceRecords.IsNeededBy))
        {
            Store.DeclareUnused([.. conf.Outbounds.Select((outbound, i) => (
                (i == 0 ? conf.Inbound : conf.NextInbound!).FingerprintAs(AssociationDirection.Inbound),
                outbound.FingerprintAs(AssociationDirection.Outbound)))]);
        }

        ChangedPeers changed = _factory.Change(plan, [.. confs.Select(_ => _remote)]);
        Roster.Replace(new PeerTable(changed.Peers));
        changed.Finish();
        _former.AddRange(confs[1..]);
        _former.Add(_conf);
        _conf = set.Peers[0];
        return changed.Lines;
    }

    /// <summary>Its NAT maps it to another address.</summary>
    public void MoveTo(OuterEndpoint address)
    {
        _address = address;
        _network.Move(Socket, address);
    }

    /// <summary>What the control thread does every 50 ms.</summary>
    public void Tick() => _control.Tick(_time.GetElapsedTime(0));

    /// <summary>What the data threads do when there is something to do.</summary>
    public bool RunOnce()
    {
        bool hadPackets = Device.HasWork || !Outbound.Peers.Uses(Roster.Table);
        if (hadPackets)
        {
            Outbound.RunOnce();
        }

        bool hadDatagrams = Socket.Arrived.Count > 0 || !Inbound.Peers.Uses(Roster.Table);
        if (hadDatagrams)
        {
            Inbound.RunOnce();
        }

        return hadPackets || hadDatagrams;
    }

    public long OutboundDrops(DropReason reason) => Outbound.Counters.Drops(reason) + Peer.OutboundCounters.Drops(reason);

    public long InboundDrops(DropReason reason) => Inbound.Counters.Drops(reason) + Peer.InboundCounters.Drops(reason);

    /// <summary>All inbound drops there were.</summary>
    public long InboundDrops() => Enum.GetValues<DropReason>().Sum(InboundDrops);

    public long OutboundDrops() => Enum.GetValues<DropReason>().Sum(OutboundDrops);

    public void Dispose()
    {
        Roster.Dispose();
        Store.Dispose();
        _ivs.Dispose();
        _conf.Dispose();
        _former.ForEach(conf => conf.Dispose());
        Directory.Delete(_directory, recursive: true);
    }

    private void Start()
    {
        Store = OpenStore();
        _factory = new PeerFactory(_ivs, Store, _time, Logger);
        var peers = new PeerTable(_factory.Create([_conf], [_remote]));
        Device = new InMemoryTunDevice();
        Socket = _network.Bind(_address);
        Queue = new ControlPackets(Device.Wake);
        Outbound = new OutboundPath(Device, Socket, peers, Queue, _time);
        Inbound = new InboundPath(Device, Socket, peers, Queue, _time);
        KernelQueues = new KernelQueues(Device, Socket, Outbound.Counters, Inbound.Counters, Logger);
        Roster = new PeerRoster(peers, Outbound, Inbound, () => { }, Store, Logger);
        var resolver = new EndpointResolver((_, _) => Task.FromResult<IPAddress[]>([]), _time, Logger);
        Diagnosis = new MismatchDiagnosis(peers, Inbound.Failing, _time, Logger);
        _control = new ControlLoop(
            Roster, Queue, RandomNumberGenerator.Fill, resolver, KernelQueues, new DropSummary([]), _time, Logger, Diagnosis);
    }

    /// <summary>What <c>natt-tun state init</c> does, for the suites that ask for it.</summary>
    private void DeclareUnused()
    {
        if (NonceRecords.IsNeededBy(_conf))
        {
            using StateStore store = OpenStore();
            store.OpenOutbound(_conf.Outbound.FingerprintAs(AssociationDirection.Outbound)).Close(1);
        }
    }

    private StateStore OpenStore() => _disk is null
        ? StateStore.Open(_directory, "a test", new StateStoreOptions { SyncDirectory = _ => { }, BootId = _bootId }, Logger)
        : new StateStore(_directory, held: null, _disk.Open(), TopsFile.Open(Path.Combine(_directory, "tops"), _bootId), Logger);
}
