using NatT.Esp;
using NatT.Esp.Wire;
using NatT.Tests;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>Whatever arrives is delivered, or counted once under the reason why not.</summary>
public sealed class InboundDropTests : IDisposable
{
    private const ulong Fresh = 1000;

    private readonly TunnelLab _lab = TunnelLab.Established();
    private readonly Sealer _sealer = new();

    [Theory]
    [InlineData("", DropReason.TooShort)]
    [InlineData("00", DropReason.TooShort)]
    [InlineData("00001234000000", DropReason.TooShort)]
    [InlineData("0000123400000001", DropReason.TooShort)]
    [InlineData("000000000000000000001234", DropReason.TooShort)]
    [InlineData("0000000000000001", DropReason.Ike)]
    [InlineData("000000FF00000001", DropReason.ReservedSpi)]
    [InlineData("0000999900000001", DropReason.UnknownSpi)]
    [Produces(DropReason.UnknownSpi)]
    public void What_is_no_packet_of_a_known_association_is_counted_and_draws_no_reply(string octets, DropReason reason)
    {
        AssertDropped(Convert.FromHexString(octets), reason);
    }

    [Fact]
    public void A_ciphertext_of_broken_blocks_is_counted()
    {
        AssertDropped([.. Data(Fresh), 0], DropReason.Misaligned);
    }

    [Fact]
    [Produces(DropReason.IcvMismatch)]
    public void A_forged_packet_is_counted_and_advances_nothing()
    {
        byte[] forged = Data(Fresh);
        forged[^1] ^= 1;
        ulong top = _lab.B.Peer.Inbound.Top;

        AssertDropped(forged, DropReason.IcvMismatch);

        Assert.Equal(top, _lab.B.Peer.Inbound.Top);
        Assert.Equal(EndConf.OuterA, _lab.B.Peer.Monitor.Route.Endpoint);
    }

    [Fact]
    public void A_forged_packet_spoils_none_of_its_batch()
    {
        byte[] forged = Data(Fresh + 1);
        forged[40] ^= 1;
        int delivered = _lab.B.Device.Delivered.Count;

        Deliver(Data(Fresh), forged, Data(Fresh + 2));

        Assert.Equal(delivered + 2, _lab.B.Device.Delivered.Count);
        Assert.Equal(1, _lab.B.InboundDrops(DropReason.IcvMismatch));
        Deliver(Data(Fresh + 1));
        Assert.Equal(delivered + 3, _lab.B.Device.Delivered.Count);
    }

    [Fact]
    public void A_duplicate_in_one_batch_is_delivered_once()
    {
        int delivered = _lab.B.Device.Delivered.Count;

        Deliver(Data(Fresh), Data(Fresh));

        Assert.Equal(delivered + 1, _lab.B.Device.Delivered.Count);
        Assert.Equal(1, _lab.B.InboundDrops(DropReason.Replayed));
    }

    [Fact]
    public void Old_seen_and_zero_numbers_are_counted()
    {
        Deliver(Data(5000));

        AssertDropped(Data(5000), DropReason.Replayed);
        AssertDropped(Data(5000 - 1024), DropReason.TooOld);
        AssertDropped(Data(0), DropReason.SequenceZero);
    }

    [Fact]
    public void A_packet_that_arrives_late_but_within_the_window_is_delivered()
    {
        Deliver(Data(5000));
        int delivered = _lab.B.Device.Delivered.Count;

        Deliver(Data(5000 - 1023));

        Assert.Equal(delivered + 1, _lab.B.Device.Delivered.Count);
    }

    [Theory]
    [InlineData(EndConf.InnerB, EndConf.InnerB, DropReason.OwnSource)]
    [InlineData(EndConf.InnerB, EndConf.InnerA, DropReason.OwnSource)]
    [InlineData("127.0.0.1", EndConf.InnerB, DropReason.Martian)]
    [InlineData(EndConf.InnerA, "127.0.0.1", DropReason.Martian)]
    [InlineData("10.9.9.9", EndConf.InnerB, DropReason.SelectorMismatch)]
    [InlineData(EndConf.InnerA, "10.9.9.9", DropReason.SelectorMismatch)]
    public void A_packet_that_the_policy_refuses_is_counted_and_its_number_stays_free(string source, string destination, DropReason reason)
    {
        ulong top = _lab.B.Peer.Inbound.Top;

        AssertDropped(_sealer.Seal(Fresh, InnerPackets.Udp(source, destination, 100)), reason);

        Assert.Equal(top, _lab.B.Peer.Inbound.Top);
    }

    [Fact]
    public void Dropped_packets_are_not_missing_but_forged_ones_prove_nothing()
    {
        ulong top = _lab.B.Peer.Inbound.Top;
        byte[] forged = Data(top + 50);
        forged[^1] ^= 1;
        Deliver(forged, _sealer.Seal(top + 2, InnerPackets.Udp("127.0.0.1", EndConf.InnerB, 100)), _sealer.SealPlaintext(top + 3, new byte[32]));

        Deliver(Data(top + 5));

        Assert.Equal(2, _lab.B.Peer.Inbound.Missing);
    }

    [Fact]
    [Produces(DropReason.MalformedInner)]
    public void Inner_packets_that_lie_are_counted_and_their_number_stays_free()
    {
        byte[] good = InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100);
        byte[] longer = [.. good];
        longer[3]++;
        byte[] wrongChecksum = [.. good];
        wrongChecksum[10] ^= 1;

        AssertDropped(_sealer.Seal(Fresh, longer), DropReason.MalformedInner);
        AssertDropped(_sealer.Seal(Fresh, wrongChecksum), DropReason.MalformedInner);
        AssertDropped(_sealer.Seal(Fresh, good, nextHeader: 41), DropReason.MalformedInner);
        AssertDropped(_sealer.Seal(Fresh, [], nextHeader: 4), DropReason.MalformedInner);
        Deliver(Data(Fresh));
        Assert.Equal(100, _lab.B.Device.Delivered[^1].Length);
    }

    [Fact]
    public void Trailers_that_mean_no_packet_are_counted_and_commit_nothing()
    {
        ulong top = _lab.B.Peer.Inbound.Top;

        AssertDropped(_sealer.Seal(Fresh, new byte[30], nextHeader: 59), DropReason.Dummy);
        AssertDropped(_sealer.Seal(Fresh, new byte[30], nextHeader: 17), DropReason.UnexpectedNextHeader);
        AssertDropped(_sealer.SealPlaintext(Fresh, [.. new byte[14], 14, 4]), DropReason.BadPadding);

        Assert.Equal(top, _lab.B.Peer.Inbound.Top);
    }

    [Fact]
    [Produces(DropReason.EcnNotCapable)]
    public void Congestion_that_the_inner_packet_cannot_carry_drops_it()
    {
        byte[] sealedPacket = Data(Fresh);
        int delivered = _lab.B.Device.Delivered.Count;

        _lab.Replay([new Datagram(EndConf.OuterA, EndConf.OuterB, sealedPacket, Ecn.CongestionExperienced)]);

        Assert.Equal(1, _lab.B.InboundDrops(DropReason.EcnNotCapable));
        Assert.Equal(delivered, _lab.B.Device.Delivered.Count);
    }

    [Fact]
    public void Padding_for_traffic_flow_confidentiality_is_cut_off()
    {
        byte[] inner = InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100);

        Deliver(_sealer.Seal(Fresh, [.. inner, .. new byte[300]]));

        Assert.Equal(inner, _lab.B.Device.Delivered[^1]);
    }

    [Fact]
    public void An_inner_packet_larger_than_the_device_is_delivered()
    {
        byte[] inner = InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 60_000);

        Deliver(_sealer.Seal(Fresh, inner));

        Assert.Equal(inner, _lab.B.Device.Delivered[^1]);
    }

    [Fact]
    [Produces(DropReason.DeviceRefused)]
    public void What_the_device_refuses_is_counted()
    {
        _lab.B.Device.Refuses = 2;
        int delivered = _lab.B.Device.Delivered.Count;
        long counted = _lab.B.Peer.InboundCounters.Packets;

        Deliver(Data(Fresh), Data(Fresh + 1), Data(Fresh + 2));

        Assert.Equal(2, _lab.B.Peer.InboundCounters.Drops(DropReason.DeviceRefused));
        Assert.Equal(counted + 1, _lab.B.Peer.InboundCounters.Packets);
        Assert.Equal(delivered + 1, _lab.B.Device.Delivered.Count);
    }

    [Fact]
    [Produces(DropReason.Unsynchronised)]
    public void An_unsynchronised_end_delivers_nothing_and_counts_it()
    {
        _lab.B.LoseRecords();

        AssertDropped(Data(Fresh), DropReason.Unsynchronised);
    }

    [Fact]
    public void Of_a_mixture_every_datagram_is_delivered_or_counted_once()
    {
        var random = new Random(7);
        var datagrams = new List<byte[]>();
        for (ulong i = 0; i < 1000; i++)
        {
            byte[] datagram = Data(Fresh + (i / 2 * 3));
            if (random.Next(4) == 0)
            {
                datagram[random.Next(datagram.Length)] ^= (byte)random.Next(1, 256);
            }

            datagrams.Add(random.Next(10) == 0 ? datagram[..random.Next(datagram.Length)] : datagram);
        }

        int delivered = _lab.B.Device.Delivered.Count;
        long dropped = _lab.B.InboundDrops();
        Deliver([.. datagrams]);

        int deliveredNow = _lab.B.Device.Delivered.Count - delivered;
        Assert.InRange(deliveredNow, 300, 500);
        Assert.Equal(1000, deliveredNow + _lab.B.InboundDrops() - dropped);
    }

    [Fact]
    public void A_packet_from_elsewhere_that_is_not_authentic_fresh_and_newest_leads_no_probe_there()
    {
        Deliver(Data(Fresh + 10));
        byte[] forged = Data(Fresh + 20);
        forged[^1] ^= 1;
        _lab.Network.Recorded.Clear();

        foreach (byte[] octets in new[] { forged, Data(Fresh + 10), Data(Fresh + 5), Data(1) })
        {
            _lab.Replay([new Datagram(Elsewhere, EndConf.OuterB, octets)]);
        }

        _lab.B.Tick();
        _lab.Settle();
        Assert.DoesNotContain(_lab.Network.Recorded, datagram => datagram.To == Elsewhere);
    }

    public void Dispose()
    {
        _lab.Dispose();
        _sealer.Dispose();
    }

    private static NatT.Tunnel.DataPath.OuterEndpoint Elsewhere => new(IpAddress.Parse("203.0.113.66"), 4500);

    private byte[] Data(ulong number) => _sealer.Seal(number, InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100));

    private void Deliver(params byte[][] datagrams) =>
        _lab.Replay(datagrams.Select(octets => new Datagram(EndConf.OuterA, EndConf.OuterB, octets)));

    private void AssertDropped(byte[] datagram, DropReason reason)
    {
        int delivered = _lab.B.Device.Delivered.Count;
        int sent = _lab.Network.Recorded.Count;
        long all = _lab.B.InboundDrops();
        long ofReason = _lab.B.InboundDrops(reason);

        Deliver(datagram);

        Assert.Equal(ofReason + 1, _lab.B.InboundDrops(reason));
        Assert.Equal(all + 1, _lab.B.InboundDrops());
        Assert.Equal(delivered, _lab.B.Device.Delivered.Count);
        Assert.Equal(sent, _lab.Network.Recorded.Count);
    }
}
