using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using NatT.Crypto;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;

namespace NatT.Benchmarks;

/// <summary>Both ends' data paths between any number of peers, composed as the daemon composes them, with memory for device and socket: all but system calls.</summary>
internal sealed class InMemoryPath : IDisposable
{
    private const string InnerA = "10.1.0.1";

    /// <summary>The first of the far inner addresses.</summary>
    private const uint InnerB = 0x0A02_0001;

    private static readonly OuterEndpoint OuterA = new(IpAddress.Parse("192.0.2.1"), 1100);
    private static readonly OuterEndpoint OuterB = new(IpAddress.Parse("192.0.2.2"), 1100);

    private readonly string _folder = Directory.CreateTempSubdirectory("natt-bench-").FullName;
    private readonly RandomIvs _ivs = new(RandomNumberGenerator.Fill);
    private readonly StateStore _storeOfA;
    private readonly StateStore _storeOfB;
    private readonly PeerTable _peersOfA;
    private readonly PeerTable _peersOfB;
    private readonly SuperPacketSource _device;
    private readonly DatagramRelay _relay = new(OuterA);
    private readonly OutboundPath _outbound;
    private readonly InboundPath _inbound;
    private long _packets;
    private long _allocated;

    /// <param name="suite">Both ends'.</param>
    /// <param name="peers">That each end has.</param>
    public InMemoryPath(CipherSuite suite, int peers = 1)
    {
        IpAddress[] farAddresses = [.. Enumerable.Range(0, peers).Select(i => new IpAddress(InnerB + (uint)i, IsIPv6: false))];
        _device = new SuperPacketSource(IpAddress.Parse(InnerA), farAddresses);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        (_storeOfA, _peersOfA) = CreateEnd("a", suite, farAddresses, address => (InnerA, $"{address}"), OuterB);
        OctetsAPeer = (GC.GetTotalMemory(forceFullCollection: true) - before) / peers;
        (_storeOfB, _peersOfB) = CreateEnd("b", suite, farAddresses, address => ($"{address}", InnerA), OuterA);
        _outbound = new OutboundPath(_device, _relay, _peersOfA, new ControlPackets(_device.Wake), TimeProvider.System);
        _inbound = new InboundPath(_device, _relay, _peersOfB, new ControlPackets(_device.Wake), TimeProvider.System);

        // What a probe's answer would have done.
        foreach (Peer peer in _peersOfB.Peers)
        {
            peer.Inbound.SynchroniseAt(0);
        }
    }

    /// <summary>What is asked of the data paths.</summary>
    public SuperPacketSource Traffic => _device;

    /// <summary>Managed memory that one more peer takes at one end.</summary>
    public long OctetsAPeer { get; }

    /// <summary>Octets of inner packets that one round moves.</summary>
    public int Octets => _device.PacketsInRead * SuperPacketSource.SegmentLength;

    /// <summary>Since <see cref="ForgetAllocations"/>.</summary>
    public double AllocatedPerPacket => (double)_allocated / Math.Max(1, _packets);

    /// <summary>Moves what one read of the device gives from the device to the relay; returns the seconds, but for those of copying.</summary>
    public double Send() => Measure(_outbound.RunOnce);

    /// <summary>Moves what was sent to the other device.</summary>
    public double Receive()
    {
        long written = _device.Written;
        double seconds = Measure(_inbound.RunOnce);
        if (_device.Written != written + _device.PacketsInRead)
        {
            throw new InvalidOperationException($"Of {_device.PacketsInRead} packets {_device.Written - written} came out.");
        }

        _packets += _device.PacketsInRead;
        return seconds;
    }

    public void ForgetAllocations() => _packets = _allocated = 0;

    public void Dispose()
    {
        _peersOfA.Dispose();
        _peersOfB.Dispose();
        _storeOfA.Dispose();
        _storeOfB.Dispose();
        _ivs.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private double Measure(Action runOnce)
    {
        long copying = _device.Ticks + _relay.Ticks;
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        runOnce();
        long all = Stopwatch.GetTimestamp() - start;
        _allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        return (double)(all - (_device.Ticks + _relay.Ticks - copying)) / Stopwatch.Frequency;
    }

    private (StateStore Store, PeerTable Peers) CreateEnd(
        string name, CipherSuite suite, IpAddress[] farAddresses, Func<IpAddress, (string Local, string Remote)> inner, OuterEndpoint other)
    {
        PeerConf[] confs =
        [
            .. farAddresses.Select((address, i) =>
            {
                (string local, string remote) = inner(address);
                string text = $"""
                    local_private_ip = {local}
                    remote_private_ip = {remote}
                    espmode = espinudp
                    spi_id = {0x1234 + i}
                    enc_aes = 0x{new string('5', 56)}{i:x8}
                    auth = 0x{new string('a', 56)}{i:x8}
                    """;
                return ConfReader.Parse($"{name}{i}.conf", Encoding.UTF8.GetBytes(text)).Conf! with { Suite = suite };
            }),
        ];
        var options = new StateStoreOptions { SyncDirectory = _ => { } };
        StateStore store = StateStore.Open(Path.Combine(_folder, name), "a benchmark", options, NullLogger.Instance);
        var factory = new PeerFactory(_ivs, store, TimeProvider.System, NullLogger.Instance);
        var peers = new PeerTable(factory.Create(confs, [.. confs.Select(_ => (OuterEndpoint?)other)]));
        Array.ForEach(confs, conf => conf.Dispose());
        return (store, peers);
    }
}
