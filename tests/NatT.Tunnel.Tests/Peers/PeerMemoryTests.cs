using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using NatT.Crypto;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Tests.Peers;

/// <summary>Alone in the process while it runs: what others allocate would count.</summary>
[CollectionDefinition(nameof(PeerMemoryTests), DisableParallelization = true)]
[Collection(nameof(PeerMemoryTests))]
public sealed class PeerMemoryTests : IDisposable
{
    private const int Count = 2_000;
    private const int MostOctets = 8 * 1024;

    private static readonly OuterEndpoint Remote = new(IpAddress.Parse("192.0.2.1"), 1100);

    private readonly string _directory = Directory.CreateTempSubdirectory("natt-memory-").FullName;
    private readonly RandomIvs _ivs = new(RandomNumberGenerator.Fill);
    private readonly StateStore _store;

    public PeerMemoryTests() =>
        _store = StateStore.Open(_directory, "a test", new StateStoreOptions { SyncDirectory = _ => { } }, NullLogger.Instance);

    public void Dispose()
    {
        _store.Dispose();
        _ivs.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void A_peer_takes_at_most_8_KB_with_its_records_while_its_probe_is_under_way()
    {
        CreatePeers(first: 0, count: 10).Dispose();
        long before = GC.GetTotalMemory(forceFullCollection: true);

        using PeerTable peers = CreatePeers(first: 10, Count);
        foreach (Peer peer in peers.Peers)
        {
            peer.Monitor.Tick(TimeSpan.FromDays(1), bits: 1, windowVersion: 0);
        }

        long octets = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        Console.WriteLine($"  measured: a peer takes {octets} octets");
        Assert.InRange(octets, 1000, MostOctets);
    }

    private PeerTable CreatePeers(int first, int count)
    {
        PeerConf[] confs = [.. Enumerable.Range(first, count).Select(Conf)];
        OuterEndpoint?[] endpoints = [.. confs.Select(_ => (OuterEndpoint?)Remote)];
        var factory = new PeerFactory(_ivs, _store, TimeProvider.System, NullLogger.Instance);
        var peers = new PeerTable(factory.Create(confs, endpoints));
        Array.ForEach(confs, conf => conf.Dispose());
        return peers;
    }

    private static PeerConf Conf(int index)
    {
        string text = $"""
            local_private_ip = 10.1.0.1
            remote_private_ip = 10.2.{index / 256}.{index % 256}
            spi_id = {1000 + index}
            enc_aes = 0x{new string('5', 56)}{index:x8}
            auth = 0x{new string('a', 56)}{index:x8}
            """;
        return ConfReader.Parse($"{index}.conf", Encoding.UTF8.GetBytes(text)).Conf!;
    }
}
