using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Control;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;
using NatT.Tunnel.Tests.Configuration;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>One process whose peers differ in suite, and whose batches hold packets of all of them.</summary>
public sealed class MixedSuiteTests : IDisposable
{
    private const string Hub = "10.1.0.1";
    private const int PacketsOfEach = 80;

    private static readonly string[] Suites = ["aes-cbc-hmac-sha256", "aes-gcm-16", "chacha20-poly1305"];
    private static readonly OuterEndpoint HubAddress = new(IpAddress.Parse("192.0.2.1"), 1100);

    private readonly InMemoryNetwork _network = new();
    private readonly ManualTimeProvider _time = new();
    private readonly TunnelEnd[] _spokes;
    private readonly TunnelEnd[] _origins;
    private readonly InMemoryTunDevice _device = new();
    private readonly InMemorySocket _socket;
    private readonly OutboundPath _outbound;
    private readonly InboundPath _inbound;

    public MixedSuiteTests()
    {
        // Each of the hub's peers comes from an end of its own, whose records it keeps; the hub's paths serve all of them.
        var apart = new InMemoryNetwork();
        _origins = [.. Suites.Select((_, i) => new TunnelEnd(apart, _time, Conf(i, isHub: true), HubAddress, SpokeAddress(i)))];
        _spokes = [.. Suites.Select((_, i) => new TunnelEnd(_network, _time, Conf(i, isHub: false), SpokeAddress(i), HubAddress))];
        foreach (TunnelEnd end in _origins.Concat(_spokes))
        {
            end.Peer.Inbound.SynchroniseAt(0);
        }

        var peers = new PeerTable(_origins.Select(end => end.Peer));
        var queue = new ControlPackets(_device.Wake);
        _socket = _network.Bind(HubAddress);
        _outbound = new OutboundPath(_device, _socket, peers, queue, _time);
        _inbound = new InboundPath(_device, _socket, peers, queue, _time);
    }

    [Fact]
    public void A_batch_for_all_of_them_arrives_whole_and_in_order()
    {
        byte[][][] sent = [.. Suites.Select((_, i) => Packets(Hub, Inner(i)))];
        for (int n = 0; n < PacketsOfEach; n++)
        {
            foreach (byte[][] packets in sent)
            {
                _device.Push(packets[n]);
            }
        }

        while (_device.HasWork)
        {
            _outbound.RunOnce();
        }

        for (int i = 0; i < Suites.Length; i++)
        {
            _spokes[i].Inbound.RunOnce();
            Assert.Equal(sent[i], _spokes[i].Device.Delivered);
        }
    }

    [Fact]
    public void A_batch_from_all_of_them_is_delivered_whole_and_in_order_and_a_forgery_in_it_is_the_forged_peers()
    {
        byte[][][] sent = [.. Suites.Select((_, i) => Packets(Inner(i), Hub))];
        var expected = new List<byte[]>();
        for (int n = 0; n < PacketsOfEach; n++)
        {
            for (int i = 0; i < Suites.Length; i++)
            {
                _spokes[i].Device.Push(sent[i][n]);
                _spokes[i].Outbound.RunOnce();
                expected.Add(sent[i][n]);
            }
        }

        Datagram forged = _network.Recorded[1] with { Octets = [.. _network.Recorded[1].Octets] };
        forged.Octets[^1] ^= 1;
        _network.Deliver(forged);
        _inbound.RunOnce();

        Assert.Equal(expected, _device.Delivered);
        Assert.Equal([0L, 1L, 0L], _origins.Select(end => end.Peer.InboundCounters.Drops(NatT.Esp.DropReason.IcvMismatch)));
    }

    public void Dispose()
    {
        foreach (TunnelEnd end in _origins.Concat(_spokes))
        {
            end.Dispose();
        }
    }

    private static OuterEndpoint SpokeAddress(int index) => new(IpAddress.Parse($"198.51.100.{index + 1}"), 1100);

    private static string Inner(int index) => $"10.2.0.{index + 1}";

    private static byte[][] Packets(string from, string to) =>
        [.. Enumerable.Range(0, PacketsOfEach).Select(n => InnerPackets.Udp(from, to, 60 + (n * 17), mark: (byte)n))];

    private static PeerConf Conf(int index, bool isHub)
    {
        (string own, string other) = isHub ? (Hub, Inner(index)) : (Inner(index), Hub);
        (string towards, string away) = isHub ? ("in", "out") : ("out", "in");
        int size = index == 0 ? 32 : 36;
        string text =
            $"""
            local_private_ip = {own}
            remote_private_ip = {other}
            suite = {Suites[index]}
            espmode = espinudp
            esn = {(index == 1 ? "yes" : "no")}
            spi_{towards} = 0x{0x1000 + index:x}
            spi_{away} = 0x{0x2000 + index:x}
            enc_{towards} = 0x{Key(10 * index, size)}
            enc_{away} = 0x{Key((10 * index) + 5, size)}

            """;
        return ConfText.ParseGood(index > 0 ? text : text + $"auth = 0x{Key(99, 32)}");
    }

    private static string Key(int first, int size) => Convert.ToHexString([.. Enumerable.Range(first, size).Select(i => (byte)i)]);
}
