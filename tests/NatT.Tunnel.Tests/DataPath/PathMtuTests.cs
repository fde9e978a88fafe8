using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using NatT.Esp;
using NatT.Esp.Wire;
using NatT.Tests;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>A path narrower than the interfaces on both ends of it.</summary>
public sealed class PathMtuTests : IDisposable
{
    private const int Assumed = 1422;
    private const int Narrow = 1230;

    // What the narrow path takes of a datagram: that of an inner packet of 1230 octets, and nothing longer.
    private const int NarrowDatagram = 8 + 16 + Narrow + 2 + 16;

    private readonly TunnelLab _lab = TunnelLab.Established();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(EndConf.InnerA, EndConf.InnerB, true)]
    [InlineData(EndConf.InnerA6, EndConf.InnerB6, false)]
    [Produces(DropReason.AboveMtu)]
    public void The_sender_of_a_packet_above_the_MTU_is_told(string source, string destination, bool isIPv4)
    {
        NarrowThePath();

        _lab.A.Device.Push(Packet(source, destination, 1400, dontFragment: true));
        _lab.Settle();

        Assert.Equal(1, _lab.A.OutboundDrops(DropReason.AboveMtu));
        byte[] told = Assert.Single(_lab.A.Device.Told);
        Assert.True(InnerPacket.TryRead(told, out InnerPacket message));
        Assert.Equal(source, message.Destination.ToString());
        Assert.Equal(isIPv4 ? [3, 4] : new byte[] { 2, 0 }, message.Payload[..2].ToArray());

        // IPv6 has no link with a smaller MTU.
        Assert.Equal(isIPv4 ? Narrow : 1280, BinaryPrimitives.ReadInt32BigEndian(message.Payload[4..]));
    }

    [Fact]
    public void A_packet_without_DF_is_fragmented_as_by_a_router()
    {
        NarrowThePath();
        byte[] packet = Packet(EndConf.InnerA, EndConf.InnerB, 1400, dontFragment: false);
        _lab.B.Device.Delivered.Clear();

        _lab.A.Device.Push(packet);
        _lab.Settle();

        Assert.Equal(2, _lab.B.Device.Delivered.Count);
        Assert.All(_lab.B.Device.Delivered, fragment => Assert.InRange(fragment.Length, 21, Narrow));
        Assert.Equal(packet[20..], _lab.B.Device.Delivered.SelectMany(fragment => fragment[20..]));
        Assert.Empty(_lab.A.Device.Told);
        Assert.Equal(0, _lab.A.OutboundDrops());
    }

    [Fact]
    public void Packets_around_a_fragmented_one_arrive_whole()
    {
        NarrowThePath();
        byte[] before = InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100, mark: 7);
        byte[] after = InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100, mark: 8);
        _lab.B.Device.Delivered.Clear();

        _lab.A.Device.Push(before);
        _lab.A.Device.Push(Packet(EndConf.InnerA, EndConf.InnerB, 5000, dontFragment: false));
        _lab.A.Device.Push(after);
        _lab.Settle();

        Assert.Equal(before, _lab.B.Device.Delivered[0]);
        Assert.Equal(after, _lab.B.Device.Delivered[^1]);
        Assert.Equal(1 + 5 + 1, _lab.B.Device.Delivered.Count);
    }

    [Fact]
    public void Senders_are_told_a_hundred_times_a_second_at_most()
    {
        NarrowThePath();
        byte[] packet = Packet(EndConf.InnerA, EndConf.InnerB, 1400, dontFragment: true);

        for (int i = 0; i < 1000; i++)
        {
            _lab.A.Device.Push(packet);
        }

        _lab.Settle();
        Assert.InRange(_lab.A.Device.Told.Count, PacketTooBigReplies.PerSecond, PacketTooBigReplies.PerSecond + 1);
        Assert.Equal(1000, _lab.A.OutboundDrops(DropReason.AboveMtu));

        _lab.Time.Advance(TimeSpan.FromSeconds(0.5));
        _lab.A.Device.Told.Clear();
        for (int i = 0; i < 1000; i++)
        {
            _lab.A.Device.Push(packet);
        }

        _lab.Settle();
        Assert.InRange(_lab.A.Device.Told.Count, (PacketTooBigReplies.PerSecond / 2) - 1, (PacketTooBigReplies.PerSecond / 2) + 1);
    }

    [Fact]
    public void Unanswered_size_probes_do_not_make_a_peer_lost()
    {
        NarrowThePath();

        Assert.True(_lab.A.Peer.Monitor.IsUp);
        Assert.DoesNotContain(_lab.A.Logger.Lines(LogLevel.Warning), line => line.Contains("lost", StringComparison.Ordinal));
        Assert.Contains(
            _lab.A.Logger.Lines(LogLevel.Information), line => line.Contains($"path to peer {_lab.A.Peer.Name} carries packets of {Narrow} octets", StringComparison.Ordinal));
    }

    [Fact]
    public void Both_ends_find_out_that_the_path_got_wider()
    {
        NarrowThePath();
        _lab.B.Peer.Monitor.AssumeMtu(Assumed);
        _lab.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(Narrow, _lab.B.Peer.Monitor.Route.LargestInner);

        _lab.Network.Passes = null;
        _lab.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal(Assumed, _lab.A.Peer.Monitor.Route.LargestInner);
        Assert.Equal(Assumed, _lab.B.Peer.Monitor.Route.LargestInner);
    }

    [Fact]
    public void A_peer_whose_host_answers_no_echo_keeps_the_interfaces_MTU()
    {
        using var lab = new TunnelLab();
        lab.B.Device.AnswersEcho = false;
        lab.A.Peer.Monitor.AssumeMtu(Assumed);
        lab.Network.Passes = datagram => datagram.Octets.Length <= NarrowDatagram;

        lab.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(Assumed, lab.A.Peer.Monitor.Route.LargestInner);
        Assert.InRange(lab.Network.Recorded.Count(datagram => datagram.Octets.Length > NarrowDatagram), 0, PathMtu.Tries);
    }

    [Fact]
    public void Idle_ends_ask_each_other_every_ten_minutes_and_do_not_draw_each_others_probes()
    {
        _lab.A.Peer.Monitor.AssumeMtu(Assumed);
        _lab.B.Peer.Monitor.AssumeMtu(Assumed);

        _lab.Advance(TimeSpan.FromMinutes(15));

        // Two probes of each end, and their answers.
        Assert.Equal(8, _lab.Network.Recorded.Count(datagram => datagram.Octets.Length > NarrowDatagram));
    }

    private void NarrowThePath()
    {
        _lab.Network.Passes = datagram => datagram.Octets.Length <= NarrowDatagram;
        _lab.A.Peer.Monitor.AssumeMtu(Assumed);
        _lab.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(Narrow, _lab.A.Peer.Monitor.Route.LargestInner);
    }

    private static byte[] Packet(string source, string destination, int length, bool dontFragment)
    {
        byte[] packet = InnerPackets.Udp(source, destination, length);
        if (dontFragment && packet[0] >> 4 == 4)
        {
            packet[6] |= 0x40;
            InnerPacket.WriteIPv4Checksum(packet.AsSpan(0, 20));
        }

        return packet;
    }
}
