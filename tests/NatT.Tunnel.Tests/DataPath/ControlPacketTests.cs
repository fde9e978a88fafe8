using NatT.Esp;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.DataPath;

public sealed class ControlPacketTests : IDisposable
{
    private readonly TunnelLab _lab = TunnelLab.Established();

    [Fact]
    public void What_does_not_fit_the_queue_is_not_sent()
    {
        int wakes = 0;
        var queue = new ControlPackets(() => wakes++);

        for (int i = 0; i < 1000; i++)
        {
            queue.Enqueue(Keepalive());
        }

        int taken = 0;
        while (queue.TryDequeue(out _))
        {
            taken++;
        }

        Assert.Equal(256, taken);
        Assert.Equal(256, wakes);
    }

    [Fact]
    public void A_keepalive_is_one_octet_and_means_nothing_to_its_receiver()
    {
        _lab.Network.Recorded.Clear();
        long drops = _lab.B.InboundDrops();

        _lab.A.Queue.Enqueue(Keepalive());
        _lab.Settle();

        Assert.Equal([UdpEncapsulation.Keepalive], Assert.Single(_lab.Network.Recorded).Octets);
        Assert.Equal(drops, _lab.B.InboundDrops());
    }

    [Fact]
    public void A_device_that_always_has_more_keeps_no_control_packet_waiting()
    {
        for (int i = 0; i < 4 * PacketBatch.DefaultCapacity; i++)
        {
            _lab.A.Device.Push(InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100));
        }

        _lab.Network.Recorded.Clear();
        _lab.A.Queue.Enqueue(Keepalive());
        _lab.A.Outbound.RunOnce();
        _lab.A.Outbound.RunOnce();

        Assert.Contains(_lab.Network.Recorded, datagram => datagram.Octets.Length == 1);
        Assert.Equal(PacketBatch.DefaultCapacity + 1, _lab.Network.Recorded.Count);
    }

    [Fact]
    public void A_full_queue_and_a_full_device_are_sent_without_loss()
    {
        const int Packets = 3 * PacketBatch.DefaultCapacity;
        const int Probes = 200;
        byte[] request = InnerPackets.EchoRequest(EndConf.InnerA, EndConf.InnerB, new byte[16]);
        for (int i = 0; i < Packets; i++)
        {
            _lab.A.Device.Push(InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100));
        }

        for (int i = 0; i < Probes; i++)
        {
            _lab.A.Queue.Enqueue(new ControlPacket(_lab.A.Peer, request, EndConf.OuterB, UdpFraming.Rfc3948));
        }

        int delivered = _lab.B.Device.Delivered.Count;
        _lab.Settle();

        Assert.Equal(delivered + Packets + Probes, _lab.B.Device.Delivered.Count);
        Assert.Equal(0, _lab.A.OutboundDrops());
    }

    [Fact]
    public void Keepalives_alone_fill_a_batch_and_the_rest_follows()
    {
        for (int i = 0; i < 200; i++)
        {
            _lab.A.Queue.Enqueue(Keepalive());
        }

        _lab.Network.Recorded.Clear();
        _lab.Settle();

        Assert.Equal(200, _lab.Network.Recorded.Count);
    }

    public void Dispose() => _lab.Dispose();

    private ControlPacket Keepalive() => new(_lab.A.Peer, InnerPacket: null, EndConf.OuterB, UdpFraming.Rfc3948);
}
