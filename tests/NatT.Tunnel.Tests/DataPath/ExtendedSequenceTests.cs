using System.Buffers.Binary;
using NatT.Esp;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.DataPath.Lab;
using NatT.Tunnel.Tests.State;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>64-bit sequence numbers, of which the high half is guessed.</summary>
public sealed class ExtendedSequenceTests
{
    private const ulong TwoTo32 = 1UL << 32;

    [Theory]
    [InlineData(TwoTo32 - 20)]
    [InlineData(TwoTo32 - 1)]
    [InlineData(TwoTo32)]
    [InlineData(TwoTo32 + 5)]
    [InlineData((3 * TwoTo32) - 50)]
    public void A_tunnel_starts_at_any_number_and_crosses_into_the_next_high_half(ulong first)
    {
        using SimulatedDisk disk = SequenceRecord.OfA(first);
        using var lab = new TunnelLab(["esn = yes"], diskOfA: disk);
        lab.Advance(TimeSpan.FromSeconds(5));

        // One at a time: across the border numbers are guessed right even while batches are small.
        for (int i = 0; i < 100; i++)
        {
            Assert.True(lab.Carries(lab.A, lab.B));
        }

        Assert.True(lab.Carries(lab.B, lab.A));
        Assert.Equal(lab.A.Peer.Outbound.Sequence.Next - 1, lab.B.Peer.Inbound.Top);
    }

    [Theory]
    [InlineData(TwoTo32 + 5)]
    [InlineData((7 * TwoTo32) - 1)]
    public void A_far_end_that_starts_over_is_found_again_also_under_load(ulong top)
    {
        using var lab = new TunnelLab(["esn = yes"]);
        lab.ExchangeProbes();
        using var sealer = new Sealer();
        Synchronise(lab, sealer, top);

        // It counts from 1 and sends more than may be guessed at; only then does its answer come.
        Probe probe = SendProbe(lab);
        for (ulong number = 1; number <= 200; number++)
        {
            Deliver(lab, Data(sealer, number));
        }

        Deliver(lab, sealer.Seal(201, AnswerTo(probe), isExtended: true));

        Assert.Equal(201UL, lab.B.Peer.Inbound.Top);
        int delivered = lab.B.Device.Delivered.Count;
        Deliver(lab, Data(sealer, 202));
        Assert.Equal(delivered + 1, lab.B.Device.Delivered.Count);
    }

    [Theory]
    [InlineData(TwoTo32 + 1000)]
    [InlineData((9 * TwoTo32) + 1000)]
    public void An_end_that_lost_its_record_finds_the_high_half_also_under_load(ulong first)
    {
        using var lab = new TunnelLab(["esn = yes"]);
        lab.ExchangeProbes();
        using var sealer = new Sealer();
        lab.B.LoseRecords();
        Probe probe = SendProbe(lab);

        for (ulong number = first; number < first + 200; number++)
        {
            Deliver(lab, Data(sealer, number));
        }

        Deliver(lab, sealer.Seal(first + 200, AnswerTo(probe), isExtended: true));

        Assert.Equal(first + 200, lab.B.Peer.Inbound.Top);
    }

    [Fact]
    public void Forged_packets_cost_a_bounded_number_of_guesses_and_move_nothing()
    {
        using var lab = new TunnelLab(["esn = yes"]);
        lab.ExchangeProbes();
        using var sealer = new Sealer();
        Synchronise(lab, sealer, TwoTo32 + 5000);
        byte[] forged = Data(sealer, 77);
        forged[^1] ^= 1;

        for (int i = 0; i < 100; i++)
        {
            Deliver(lab, forged);
        }

        Assert.Equal(100, lab.B.InboundDrops(DropReason.IcvMismatch));
        Assert.Equal(TwoTo32 + 5000, lab.B.Peer.Inbound.Top);
        int delivered = lab.B.Device.Delivered.Count;
        Deliver(lab, Data(sealer, TwoTo32 + 5001));
        Assert.Equal(delivered + 1, lab.B.Device.Delivered.Count);
    }

    [Fact]
    public void A_replay_under_another_high_half_is_not_delivered()
    {
        using var lab = new TunnelLab(["esn = yes"]);
        lab.ExchangeProbes();
        using var sealer = new Sealer();
        byte[] old = Data(sealer, 500);
        Deliver(lab, old);
        Synchronise(lab, sealer, TwoTo32 + 499);
        int delivered = lab.B.Device.Delivered.Count;

        Deliver(lab, old);

        Assert.Equal(delivered, lab.B.Device.Delivered.Count);
        Assert.Equal(1, lab.B.InboundDrops(DropReason.TooOld));
    }

    private static void Synchronise(TunnelLab lab, Sealer sealer, ulong top)
    {
        // Each high half comes from a fresh answer: from far below, no packet alone is guessed at.
        lab.B.LoseRecords();
        lab.B.Peer.Inbound.ExpectNear(top);
        Deliver(lab, sealer.Seal(top, AnswerTo(SendProbe(lab)), isExtended: true));
        Assert.Equal(top, lab.B.Peer.Inbound.Top);
    }

    private static byte[] Data(Sealer sealer, ulong number) =>
        sealer.Seal(number, InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 60), isExtended: true);

    private static byte[] AnswerTo(Probe probe)
    {
        byte[] bits = new byte[ProbePacket.PayloadSize];
        BinaryPrimitives.WriteUInt128BigEndian(bits, probe.Bits);
        return InnerPackets.EchoReply(EndConf.InnerA, EndConf.InnerB, bits);
    }

    private static Probe SendProbe(TunnelLab lab)
    {
        lab.Time.Advance(PeerMonitor.ProbeSpacing);
        lab.B.Peer.Monitor.AskForProbe();
        return lab.B.Peer.Monitor.Tick(lab.Now, bits: 99, lab.B.Peer.Inbound.WindowVersion).Probe!.Value;
    }

    private static void Deliver(TunnelLab lab, byte[] datagram) =>
        lab.Replay([new Datagram(EndConf.OuterA, EndConf.OuterB, datagram)]);
}
