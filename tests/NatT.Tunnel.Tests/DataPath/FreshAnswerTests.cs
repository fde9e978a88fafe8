using System.Buffers.Binary;
using NatT.Esp;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>What an answer to a probe may do, and what somebody who delays or repeats it can make it do.</summary>
public sealed class FreshAnswerTests : IDisposable
{
    private static readonly Predicate<byte[]> IsReply = octets =>
        InnerPacket.TryRead(octets, out InnerPacket packet) && IcmpEcho.TryReadReply(packet, out _);

    private readonly TunnelLab _lab = TunnelLab.Established();
    private readonly Sealer _sealer = new();

    [Fact]
    public void An_answer_is_consumed_and_not_delivered()
    {
        Assert.True(_lab.B.Peer.Monitor.IsUp);

        Assert.DoesNotContain(_lab.A.Device.Delivered, IsReply);
        Assert.DoesNotContain(_lab.B.Device.Delivered, IsReply);
    }

    [Fact]
    public void An_echo_reply_that_answers_no_probe_of_ours_is_delivered()
    {
        byte[] reply = InnerPackets.EchoReply(EndConf.InnerA, EndConf.InnerB, new byte[16]);

        Deliver(_sealer.Seal(500, reply));

        Assert.Equal(reply, _lab.B.Device.Delivered[^1]);
    }

    [Fact]
    public void A_replayed_answer_does_nothing()
    {
        ulong top = _lab.B.Peer.Inbound.Top;
        int delivered = _lab.B.Device.Delivered.Count;
        long replayed = _lab.B.InboundDrops(DropReason.Replayed);
        Datagram[] session = [.. _lab.Network.Recorded.Where(datagram => datagram.To == EndConf.OuterB)];

        _lab.Replay(session);

        Assert.Equal(top, _lab.B.Peer.Inbound.Top);
        Assert.Equal(delivered, _lab.B.Device.Delivered.Count);
        Assert.True(_lab.B.InboundDrops(DropReason.Replayed) > replayed);
    }

    [Fact]
    public void A_delayed_answer_of_a_peer_that_counts_on_cannot_move_the_window_back()
    {
        byte[] answer = _sealer.Seal(101, AnswerTo(SendProbe(bits: 1)));
        byte[] laterAnswer = _sealer.Seal(102, AnswerTo(SendProbe(bits: 2)));

        Deliver(Data(150), answer);
        Assert.Equal(150UL, _lab.B.Peer.Inbound.Top);
        Deliver(Data(5000), laterAnswer);

        Assert.Equal(5000UL, _lab.B.Peer.Inbound.Top);
    }

    [Fact]
    public void A_delayed_answer_of_a_peer_that_started_over_cannot_move_the_window_back_behind_what_came_meanwhile()
    {
        Deliver(Data(100));
        byte[] answer = _sealer.Seal(2, AnswerTo(SendProbe(bits: 1)));
        byte[] overtaking = Data(101);
        Deliver(overtaking);
        int delivered = _lab.B.Device.Delivered.Count;

        Deliver(answer, overtaking);

        Assert.Equal(101UL, _lab.B.Peer.Inbound.Top);
        Assert.Equal(delivered, _lab.B.Device.Delivered.Count);
    }

    [Fact]
    public void A_probe_from_before_a_reset_cannot_reset_the_window_again()
    {
        Deliver(Data(100));
        long versionBefore = _lab.B.Peer.Inbound.WindowVersion;
        Deliver(_sealer.Seal(2, AnswerTo(SendProbe(bits: 1))));
        Assert.Equal(2UL, _lab.B.Peer.Inbound.Top);

        // The control thread read the version before the reset, and recorded its probe after it.
        Probe probe = SendProbe(bits: 2, version: versionBefore);
        byte[] answer = _sealer.Seal(3, AnswerTo(probe));
        Deliver(Data(50), answer);

        Assert.Equal(50UL, _lab.B.Peer.Inbound.Top);
    }

    [Fact]
    public void A_lower_number_in_a_fresh_answer_moves_the_window_back_and_nothing_below_it_comes_in()
    {
        Deliver(Data(100));

        Deliver(_sealer.Seal(7, AnswerTo(SendProbe(bits: 1))));

        Assert.Equal(7UL, _lab.B.Peer.Inbound.Top);
        int delivered = _lab.B.Device.Delivered.Count;
        Deliver(Data(6), Data(7));
        Assert.Equal(delivered, _lab.B.Device.Delivered.Count);
        Deliver(Data(8));
        Assert.Equal(delivered + 1, _lab.B.Device.Delivered.Count);
    }

    [Fact]
    public void An_answer_with_other_bits_moves_nothing_back()
    {
        Deliver(Data(100));
        Probe probe = SendProbe(bits: 1);

        Deliver(_sealer.Seal(7, AnswerTo(probe with { Bits = 2 })));

        Assert.Equal(100UL, _lab.B.Peer.Inbound.Top);
    }

    [Fact]
    public void An_answer_between_other_addresses_than_the_probe_moves_nothing_back()
    {
        Deliver(Data(100));
        byte[] bits = new byte[ProbePacket.PayloadSize];
        BinaryPrimitives.WriteUInt128BigEndian(bits, SendProbe(bits: 1).Bits);

        Deliver(_sealer.Seal(7, InnerPackets.EchoReply(EndConf.InnerA6, EndConf.InnerB6, bits)));

        Assert.Equal(100UL, _lab.B.Peer.Inbound.Top);
    }

    [Fact]
    public void Our_own_probe_reflected_at_us_is_no_answer()
    {
        Deliver(Data(100));
        SendProbe(bits: 1);
        Datagram[] ours = [.. _lab.Network.Recorded.Where(datagram => datagram.From == EndConf.OuterB)];
        int reflections = ours.Length;

        _lab.Replay(ours.Select(datagram => new Datagram(EndConf.OuterA, EndConf.OuterB, datagram.Octets)));

        Assert.Equal(reflections, _lab.B.InboundDrops(DropReason.OwnSource));
        Assert.Equal(100UL, _lab.B.Peer.Inbound.Top);
    }

    public void Dispose()
    {
        _lab.Dispose();
        _sealer.Dispose();
    }

    private static byte[] AnswerTo(Probe probe)
    {
        byte[] bits = new byte[ProbePacket.PayloadSize];
        BinaryPrimitives.WriteUInt128BigEndian(bits, probe.Bits);
        return InnerPackets.EchoReply(EndConf.InnerA, EndConf.InnerB, bits);
    }

    private byte[] Data(ulong number) => _sealer.Seal(number, InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 60));

    /// <summary>B's monitor records a probe that only the test knows of.</summary>
    private Probe SendProbe(UInt128 bits, long? version = null)
    {
        _lab.Time.Advance(PeerMonitor.ProbeSpacing);
        _lab.B.Peer.Monitor.AskForProbe();
        return _lab.B.Peer.Monitor.Tick(_lab.Now, bits, version ?? _lab.B.Peer.Inbound.WindowVersion).Probe!.Value;
    }

    private void Deliver(params byte[][] datagrams) =>
        _lab.Replay(datagrams.Select(octets => new Datagram(EndConf.OuterA, EndConf.OuterB, octets)));
}
