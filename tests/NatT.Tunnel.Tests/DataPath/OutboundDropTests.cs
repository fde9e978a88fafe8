using NatT.Esp;
using NatT.Tests;
using NatT.Tunnel.Control;
using NatT.Tunnel.Tests.DataPath.Lab;
using NatT.Tunnel.Tests.State;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>Whatever leaves the device is sent, or counted once under the reason why not.</summary>
public sealed class OutboundDropTests
{
    [Theory]
    [InlineData("00")]
    [InlineData("4500")]
    [InlineData("500000000000000000000000000000000000000000")]
    [Produces(DropReason.NotIp)]
    public void What_is_no_ip_packet_is_counted(string octets)
    {
        using TunnelLab lab = TunnelLab.Established();

        AssertDropped(lab, Convert.FromHexString(octets), DropReason.NotIp);
    }

    [Theory]
    [InlineData(EndConf.InnerA, "10.9.9.9")]
    [InlineData("10.9.9.9", EndConf.InnerB)]
    [InlineData(EndConf.InnerB, EndConf.InnerA)]
    [Produces(DropReason.NoPeer)]
    public void A_packet_of_no_peers_selector_is_counted(string source, string destination)
    {
        using TunnelLab lab = TunnelLab.Established();

        AssertDropped(lab, InnerPackets.Udp(source, destination, 100), DropReason.NoPeer);
    }

    [Fact]
    [Produces(DropReason.NoEndpoint)]
    public void A_packet_to_a_peer_that_was_not_found_yet_is_counted()
    {
        using var lab = new TunnelLab(aKnowsB: false);

        AssertDropped(lab, InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100), DropReason.NoEndpoint);
    }

    [Fact]
    [Produces(DropReason.TooLong)]
    public void A_packet_that_fits_no_datagram_is_counted_and_uses_no_number()
    {
        using TunnelLab lab = TunnelLab.Established();
        ulong next = lab.A.Peer.Outbound.Sequence.Next;

        AssertDropped(lab, InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 65_500), DropReason.TooLong);

        Assert.Equal(next, lab.A.Peer.Outbound.Sequence.Next);
    }

    [Fact]
    [Produces(DropReason.SendRefused)]
    public void What_the_socket_refuses_is_counted()
    {
        using TunnelLab lab = TunnelLab.Established();
        lab.A.Socket.Refuses = 1;

        long sent = lab.A.Peer.OutboundCounters.Packets;
        AssertDropped(lab, InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100), DropReason.SendRefused);
        Assert.Equal(1, lab.A.Peer.OutboundCounters.Drops(DropReason.SendRefused));
        Assert.Equal(sent, lab.A.Peer.OutboundCounters.Packets);
    }

    [Fact]
    public void What_one_end_counts_as_sent_the_other_counts_as_received_probes_and_answers_too()
    {
        using TunnelLab lab = TunnelLab.Established();
        for (int i = 0; i < 100; i++)
        {
            lab.A.Device.Push(InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100));
        }

        lab.Settle();

        PathCounters sent = lab.A.Peer.OutboundCounters;
        PathCounters received = lab.B.Peer.InboundCounters;
        Assert.True(sent.Packets > 100);
        Assert.Equal(sent.Packets, received.Packets + lab.B.InboundDrops());
        Assert.Equal(lab.B.Peer.OutboundCounters.Packets, lab.A.Peer.InboundCounters.Packets + lab.A.InboundDrops());
    }

    [Fact]
    [Produces(DropReason.SequenceNotReserved)]
    public void A_packet_without_a_durable_number_is_counted()
    {
        using var disk = new SimulatedDisk();
        using var lab = new TunnelLab(diskOfA: disk);
        lab.ExchangeProbes();
        disk.IsFull = true;
        while (lab.Carries(lab.A, lab.B))
        {
            lab.B.Device.Delivered.Clear();
        }

        AssertDropped(lab, InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100), DropReason.SequenceNotReserved);
    }

    [Fact]
    [Produces(DropReason.SequenceExhausted)]
    public void The_last_number_is_used_and_none_after_it()
    {
        using SimulatedDisk disk = SequenceRecord.OfA(uint.MaxValue - 10);
        using var lab = new TunnelLab(diskOfA: disk);
        lab.ExchangeProbes();
        while (lab.Carries(lab.A, lab.B))
        {
        }

        AssertDropped(lab, InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100), DropReason.SequenceExhausted);
        Assert.Equal(uint.MaxValue, lab.B.Peer.Inbound.Top);
        Assert.Equal(1UL << 32, lab.A.Peer.Outbound.Sequence.Next);
    }

    private static void AssertDropped(TunnelLab lab, byte[] packet, DropReason reason)
    {
        int sent = lab.Network.Recorded.Count;
        long all = lab.A.OutboundDrops();
        long ofReason = lab.A.OutboundDrops(reason);

        lab.A.Device.Push(packet);
        lab.Settle();

        Assert.Equal(ofReason + 1, lab.A.OutboundDrops(reason));
        Assert.Equal(all + 1, lab.A.OutboundDrops());
        Assert.Equal(sent, lab.Network.Recorded.Count);
    }
}
