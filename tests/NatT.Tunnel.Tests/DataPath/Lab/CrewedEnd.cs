using System.Security.Cryptography;
using NatT.Crypto;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;
using NatT.Tunnel.Tests.Configuration;
using NatT.Tunnel.Tests.State;

namespace NatT.Tunnel.Tests.DataPath.Lab;

/// <summary>One end of several tunnels whose paths have helpers, real threads; the paths themselves run on the test's thread.</summary>
internal sealed class CrewedEnd : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("natt-end-").FullName;
    private readonly RandomIvs _ivs = new(RandomNumberGenerator.Fill);
    private readonly StateStore _store;
    private readonly CipherHelpers _sealing;
    private readonly CipherHelpers _opening;
    private readonly OutboundPath _outbound;
    private readonly InboundPath _inbound;

    /// <param name="network">Joins the ends.</param>
    /// <param name="isA">Which of the two.</param>
    /// <param name="peers">How many.</param>
    /// <param name="helpers">For each path.</param>
    /// <param name="lines">For all confs.</param>
    public CrewedEnd(InMemoryNetwork network, bool isA, int peers, int helpers, params string[] lines)
    {
        var time = new ManualTimeProvider();
        var logger = new RecordingLogger();
        (OuterEndpoint own, OuterEndpoint other) = isA ? (EndConf.OuterA, EndConf.OuterB) : (EndConf.OuterB, EndConf.OuterA);
        _store = StateStore.Open(_directory, "a test", new StateStoreOptions { SyncDirectory = _ => { } }, logger);
        PeerConf[] confs = [.. Enumerable.Range(0, peers).Select(peer => Conf(isA, peer, lines))];
        Peers = new PeerTable(
            new PeerFactory(_ivs, _store, time, logger).Create(confs, [.. confs.Select(_ => (OuterEndpoint?)other)]));
        Array.ForEach(confs, conf => conf.Dispose());
        Socket = network.Bind(own);
        var queue = new ControlPackets(Device.Wake);
        _sealing = new CipherHelpers(helpers);
        _opening = new CipherHelpers(helpers);
        _outbound = new OutboundPath(Device, Socket, Peers, queue, time, _sealing);
        _inbound = new InboundPath(Device, Socket, Peers, queue, time, _opening);
        _sealing.Start("sealing");
        _opening.Start("opening");
        foreach (Peer peer in Peers.Peers)
        {
            // What an answered probe would have done.
            peer.Inbound.SynchroniseAt(0);
        }
    }

    public PeerTable Peers { get; }

    public InMemoryTunDevice Device { get; } = new();

    public InMemorySocket Socket { get; }

    public static string InnerOf(bool isA, int peer) => $"10.{(isA ? 1 : 2)}.{peer}.1";

    public static uint SpiOf(int peer) => 0x1000 + (uint)peer;

    /// <summary>Sends all that programs of the host sent.</summary>
    public void SendAll()
    {
        while (Device.HasWork)
        {
            _outbound.RunOnce();
        }

        _outbound.Finish();
    }

    /// <summary>Takes in all that arrived.</summary>
    public void ReceiveAll()
    {
        while (Socket.Arrived.Count > 0)
        {
            _inbound.RunOnce();
        }

        _inbound.Finish();
    }

    public void Dispose()
    {
        _sealing.Stop();
        _opening.Stop();
        Peers.Dispose();
        _store.Dispose();
        _ivs.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static PeerConf Conf(bool isA, int peer, string[] lines) => ConfText.ParseGood(
        $"""
        local_private_ip = {InnerOf(isA, peer)}
        remote_private_ip = {InnerOf(!isA, peer)}
        espmode = espinudp
        spi_id = {SpiOf(peer)}
        enc_aes = 0x{peer:x2}{EndConf.EncryptionKey[2..]}
        auth = 0x{peer:x2}{EndConf.AuthenticationKey[2..]}
        {string.Join('\n', lines)}
        """);
}
