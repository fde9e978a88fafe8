using NatT.Esp;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Diagnosis;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.Diagnosis;

public sealed class FailingDatagramTests
{
    private readonly FailingDatagram _failing = new();
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void At_most_one_a_second_is_kept_and_none_before_the_last_was_taken()
    {
        Offer(Datagram(1), DropReason.IcvMismatch);
        Offer(Datagram(2), DropReason.IcvMismatch);
        Assert.Equal(Datagram(1), Take());
        Offer(Datagram(2), DropReason.IcvMismatch);
        Assert.Null(Take());
        _now += TimeSpan.FromSeconds(1);

        Offer(Datagram(3), DropReason.IcvMismatch);
        _now += TimeSpan.FromSeconds(9);
        Offer(Datagram(4), DropReason.IcvMismatch);

        Assert.Equal(Datagram(3), Take());
    }

    [Fact]
    public void One_that_fails_all_the_time_leaves_room_for_the_others()
    {
        var kept = new List<byte[]?>();
        for (int second = 0; second < 12; second++)
        {
            for (byte spi = 1; spi <= 4; spi++)
            {
                Offer(Datagram(spi), DropReason.IcvMismatch);
            }

            kept.Add(Take());
            _now += TimeSpan.FromSeconds(1);
        }

        Assert.All(Enumerable.Range(1, 4), spi => Assert.Contains(kept, datagram => datagram?[3] == spi));
    }

    [Fact]
    public void Strangers_leave_every_other_second_to_the_peers()
    {
        int ofPeers = 0;
        for (int second = 0; second < 10; second++)
        {
            Offer(Datagram((byte)(100 + second)), DropReason.UnknownSpi);
            Offer(Datagram((byte)second), DropReason.IcvMismatch);
            ofPeers += Take()![3] < 100 ? 1 : 0;
            _now += TimeSpan.FromSeconds(1);
        }

        Assert.Equal(5, ofPeers);
    }

    [Theory]
    [InlineData(DropReason.Dummy)]
    [InlineData(DropReason.Unsynchronised)]
    [InlineData(DropReason.ReservedSpi)]
    [InlineData(DropReason.DeviceRefused)]
    public void What_no_conf_is_to_blame_for_is_not_kept(DropReason reason)
    {
        Offer(Datagram(1), reason);

        Assert.Null(Take());
    }

    [Fact]
    public void What_is_too_long_or_too_short_for_it_is_not_kept()
    {
        Offer(new byte[FailingDatagram.Largest + 1], DropReason.IcvMismatch);
        Offer(new byte[7], DropReason.TooShort);

        Assert.Null(Take());
    }

    [Fact]
    public void Offering_allocates_nothing()
    {
        byte[] datagram = Datagram(1);
        OfferAndTake(datagram);
        long before = GC.GetAllocatedBytesForCurrentThread();

        OfferAndTake(datagram);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_data_path_on_which_everything_fails_allocates_nothing()
    {
        using TunnelLab lab = TunnelLab.Established();
        byte[] stranger = Datagram(99);
        var datagram = new Datagram(EndConf.OuterB, EndConf.OuterA, stranger);

        long path = Math.Min(Receive(), Receive());

        Assert.Equal(0, path);

        long Receive()
        {
            for (int i = 0; i < 200; i++)
            {
                lab.Network.Deliver(datagram);
            }

            lab.Time.Advance(TimeSpan.FromSeconds(10));
            lab.A.Diagnosis.Tick(lab.Now);
            long before = GC.GetAllocatedBytesForCurrentThread();
            lab.A.Inbound.RunOnce();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static byte[] Datagram(byte spi) => [0, 0, 0x10, spi, .. new byte[60]];

    private void OfferAndTake(byte[] datagram)
    {
        for (int i = 0; i < 100; i++)
        {
            _now += TimeSpan.FromSeconds(5);
            Offer(datagram, DropReason.IcvMismatch);
            Assert.True(_failing.TryLook(out _));
            _failing.Empty();
        }
    }

    private void Offer(byte[] datagram, DropReason reason) => _failing.Offer(datagram, reason, isOpened: false, EndConf.OuterA, _now);

    private byte[]? Take()
    {
        if (!_failing.TryLook(out DatagramEvidence evidence))
        {
            return null;
        }

        byte[] octets = evidence.Octets.ToArray();
        _failing.Empty();
        return octets;
    }
}
