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

/// <summary>Both ends' data paths, composed as the daemon composes them, with memory for device and socket: all but system calls.</summary>
internal sealed class InMemoryPath : IDisposable
{
    private const string InnerA = "10.1.0.1";
    private const string InnerB = "10.2.0.1";

    private static readonly OuterEndpoint OuterA = new(IpAddress.Parse("192.0.2.1"), 1100);
    private static readonly OuterEndpoint OuterB = new(IpAddress.Parse("192.0.2.2"), 1100);

    private readonly string _folder = Directory.CreateTempSubdirectory("natt-bench-").FullName;
    private readonly RandomIvs _ivs = new(RandomNumberGenerator.Fill);
    private readonly StateStore _storeOfA;
    private readonly StateStore _storeOfB;
    private readonly Peer _peerOfA;
    private readonly Peer _peerOfB;
    private readonly SuperPacketSource _device = new(IpAddress.Parse(InnerA), IpAddress.Parse(InnerB));
    private readonly DatagramRelay _relay = new(OuterA);
    private readonly OutboundPath _outbound;
    private readonly InboundPath _inbound;
    private long _packets;
    private long _allocated;

    public InMemoryPath(CipherSuite suite)
    {
        (_storeOfA, _peerOfA) = CreateEnd("a", suite, InnerA, InnerB, OuterB);
        (_storeOfB, _peerOfB) = CreateEnd("b", suite, InnerB, InnerA, OuterA);
        _outbound = new OutboundPath(
            _device, _relay, new PeerTable([_peerOfA]), new ControlPackets(_device.Wake), TimeProvider.System);
        _inbound = new InboundPath(
            _device, _relay, new PeerTable([_peerOfB]), new ControlPackets(_device.Wake), TimeProvider.System);

        // What a probe's answer would have done.
        _peerOfB.Inbound.SynchroniseAt(0);
    }

    /// <summary>Octets of inner packets that one round moves.</summary>
    public static int Octets => SuperPacketSource.Segments * SuperPacketSource.SegmentLength;

    /// <summary>Since <see cref="ForgetAllocations"/>.</summary>
    public double AllocatedPerPacket => (double)_allocated / Math.Max(1, _packets);

    /// <summary>Moves one super-packet from the device to the relay; returns the seconds, but for those of copying.</summary>
    public double Send() => Measure(_outbound.RunOnce);

    /// <summary>Moves what was sent to the other device.</summary>
    public double Receive()
    {
        long written = _device.Written;
        double seconds = Measure(_inbound.RunOnce);
        if (_device.Written != written + SuperPacketSource.Segments)
        {
            throw new InvalidOperationException($"Of {SuperPacketSource.Segments} packets {_device.Written - written} came out.");
        }

        _packets += SuperPacketSource.Segments;
        return seconds;
    }

    public void ForgetAllocations() => _packets = _allocated = 0;

    public void Dispose()
    {
        _peerOfA.Dispose();
        _peerOfB.Dispose();
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

    private (StateStore Store, Peer Peer) CreateEnd(string name, CipherSuite suite, string local, string remote, OuterEndpoint other)
    {
        string text = $"""
            local_private_ip = {local}
            remote_private_ip = {remote}
            espmode = espinudp
            spi_id = 0x1234
            enc_aes = 0x{new string('5', 64)}
            auth = 0x{new string('a', 64)}
            """;
        using PeerConf conf = ConfReader.Parse($"{name}.conf", Encoding.UTF8.GetBytes(text)).Conf! with { Suite = suite };
        var options = new StateStoreOptions { SyncDirectory = _ => { } };
        StateStore store = StateStore.Open(Path.Combine(_folder, name), "a benchmark", options, NullLogger.Instance);
        var factory = new PeerFactory(_ivs, store, TimeProvider.System, NullLogger.Instance);
        return (store, factory.Create([conf], [other])[0]);
    }
}
