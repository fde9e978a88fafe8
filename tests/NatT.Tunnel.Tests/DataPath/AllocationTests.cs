using NatT.Crypto;
using NatT.Esp.Wire;
using NatT.Tests;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>Once they run, the data paths allocate nothing of their own; what the portable engine allocates is measured too.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int Batches = 20;
    private const ulong Number = 1000;

    private readonly TunnelLab _lab = TunnelLab.Established();
    private readonly Sealer _sealer = new();
    private readonly byte[] _scratch = new byte[2048];

    [Fact]
    public void Sending_allocates_no_more_than_its_cryptography()
    {
        _lab.A.Socket.IsSink = true;
        long engine = Math.Max(Measure(SealAlone), Measure(SealAlone));

        long path = Math.Min(Measure(Send), Measure(Send));

        // Per batch: a refill of IVs every 256 packets.
        Assert.InRange(path, 0, engine + (Batches * 1024));
    }

    [Fact]
    public void Receiving_allocates_no_more_than_its_cryptography()
    {
        _lab.B.Device.IsSink = true;
        long engine = Math.Max(Measure(SealAlone), Measure(SealAlone));

        long path = Math.Min(MeasureReceiving(), MeasureReceiving());

        Assert.InRange(path, 0, engine + (Batches * 1024));
    }

    [Fact]
    public void What_is_not_authentic_allocates_nothing_wherever_it_comes_from()
    {
        byte[] right = _sealer.Seal(Number, InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100));
        byte[] forged = [.. right];
        forged[^1] ^= 1;
        byte[][] hostile =
        [
            [], [UdpEncapsulation.Keepalive], [0], new byte[7], new byte[8], [0, 0, 0, 0, 0, 0, 0, 1], new byte[100],
            [0, 0, 0, 1, .. new byte[100]], [0xC3, .. new byte[1400]], right[..20], right[..^1], [.. right, 0], forged,
        ];
        _lab.B.Peer.Inbound.SynchroniseAt(Number - 1);

        AssertAllocatesNoMoreThanOpening(hostile, forged);

        Assert.Equal(Number - 1, _lab.B.Peer.Inbound.Top);
        Assert.Equal(EndConf.OuterA, _lab.B.Peer.Monitor.Route.Endpoint);
    }

    [Fact]
    public void Replays_and_what_is_refused_inside_allocate_nothing_wherever_they_come_from()
    {
        byte[] replay = _sealer.Seal(Number, InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100));
        byte[] martian = _sealer.Seal(Number + 1, InnerPackets.Udp("127.0.0.1", EndConf.InnerB, 100));
        byte[] dummy = _sealer.Seal(Number + 1, new byte[100], nextHeader: 59);
        _lab.B.Peer.Inbound.SynchroniseAt(Number);

        AssertAllocatesNoMoreThanOpening([replay, martian, dummy], replay, martian, dummy);

        Assert.Equal(Number, _lab.B.Peer.Inbound.Top);
        Assert.Equal(EndConf.OuterA, _lab.B.Peer.Monitor.Route.Endpoint);
    }

    public void Dispose()
    {
        _sealer.Dispose();
        _lab.Dispose();
    }

    /// <summary>Each comes many times, each time from another source.</summary>
    /// <param name="hostile">None of them is delivered.</param>
    /// <param name="opened">Those of them that the suite has to open; only Bouncy Castle allocates for that.</param>
    private void AssertAllocatesNoMoreThanOpening(byte[][] hostile, params byte[][] opened)
    {
        Datagram[][] batches = [.. Enumerable.Range(0, Batches).Select(batch => hostile
            .Select(octets => new Datagram(new OuterEndpoint(IpAddress.Parse($"198.18.0.{batch}"), 4500), EndConf.OuterB, octets)).ToArray())];
        int delivered = _lab.B.Device.Delivered.Count;
        long dropped = _lab.B.InboundDrops();
        int rounds = 0;

        long path = Allocation.Least(() =>
        {
            rounds++;
            Receive(batches);
        });

        Assert.InRange(path, 0, Allocation.Least(() => Open(opened)));
        Assert.Equal(delivered, _lab.B.Device.Delivered.Count);
        int counted = hostile.Count(octets => !UdpEncapsulation.IsKeepalive(octets));
        Assert.Equal(rounds * Batches * counted, _lab.B.InboundDrops() - dropped);
    }

    private void Receive(Datagram[][] batches)
    {
        foreach (Datagram[] batch in batches)
        {
            foreach (Datagram datagram in batch)
            {
                _lab.B.Socket.Arrived.Enqueue(datagram);
            }

            _lab.B.Inbound.RunOnce();
        }
    }

    /// <summary>The suite alone, as often as there are batches.</summary>
    private void Open(byte[][] packets)
    {
        for (int i = 0; i < Batches; i++)
        {
            foreach (byte[] packet in packets)
            {
                packet.CopyTo(_scratch, 0);
                var job = new OpenJob { Key = _lab.B.Peer.Inbound.Parameters.Key, Offset = 0, Length = packet.Length };
                job.Key.Suite.Open(_scratch, new Span<OpenJob>(ref job));
            }
        }
    }

    private static long Measure(Action action)
    {
        action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>As many packets through the engine alone, sealed one batch a call.</summary>
    private static void SealAlone()
    {
        var suite = AesCbcHmacSha256.Create();
        using CipherKey key = suite.CreateKey(new byte[16], new byte[16], icvSize: 16);
        byte[] body = new byte[112];
        byte[] packet = new byte[suite.Overhead(icvSize: 16) + body.Length];
        var job = new SealJob { Key = key, BodyOffset = 0, BodyLength = body.Length, Offset = 0, Length = packet.Length };
        for (int i = 0; i < Batches * PacketBatch.DefaultCapacity; i++)
        {
            suite.Seal(body, packet, new ReadOnlySpan<SealJob>(in job));
        }
    }

    private void Send()
    {
        byte[] packet = InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100);
        for (int i = 0; i < Batches * PacketBatch.DefaultCapacity; i++)
        {
            _lab.A.Device.Push(packet);
        }

        for (int i = 0; i < Batches; i++)
        {
            _lab.A.Outbound.RunOnce();
        }
    }

    private long MeasureReceiving()
    {
        _lab.Network.Passes = null;
        Send();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Batches; i++)
        {
            _lab.B.Inbound.RunOnce();
        }

        Assert.Empty(_lab.B.Socket.Arrived);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
