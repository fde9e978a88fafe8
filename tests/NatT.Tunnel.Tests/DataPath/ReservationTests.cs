using NatT.Esp;
using NatT.Esp.Wire;
using NatT.Tunnel.State;
using NatT.Tunnel.Tests.DataPath.Lab;
using NatT.Tunnel.Tests.State;

namespace NatT.Tunnel.Tests.DataPath;

public sealed class ReservationTests
{
    [Fact]
    public void Sending_stops_at_the_last_durable_number_when_the_disk_is_full()
    {
        using var disk = new SimulatedDisk();
        using var lab = new TunnelLab(diskOfA: disk);
        lab.ExchangeProbes();
        disk.IsFull = true;

        Send(lab, (int)OutboundRecord.SmallestBlock + 100);

        Assert.Equal(lab.A.Peer.OutboundRecord.Limit - 1, HighestNumber(lab));
        Assert.True(lab.A.OutboundDrops(DropReason.SequenceNotReserved) >= 100);
    }

    [Fact]
    public void Sending_goes_on_with_the_next_number_once_the_disk_has_room()
    {
        using var disk = new SimulatedDisk();
        using var lab = new TunnelLab(diskOfA: disk);
        lab.ExchangeProbes();
        OutrunReservation(lab, disk);
        uint last = HighestNumber(lab);

        disk.IsFull = false;

        Assert.True(lab.Carries(lab.A, lab.B));
        Assert.Equal(last + 1, HighestNumber(lab));
    }

    [Fact]
    public void No_number_is_used_twice_when_a_process_is_killed_at_the_end_of_its_reservation()
    {
        using var disk = new SimulatedDisk();
        using var lab = new TunnelLab(diskOfA: disk);
        lab.ExchangeProbes();
        OutrunReservation(lab, disk);
        uint last = HighestNumber(lab);
        disk.IsFull = false;
        lab.Network.Recorded.Clear();

        lab.A.Kill();
        lab.A.Device.Push(InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100));
        lab.Settle();

        Assert.True(EspHeader.ReadSequenceNumber(lab.Network.Recorded[0].Octets) > last);
    }

    [Fact]
    public void A_clean_stop_at_the_end_of_the_reservation_records_the_exact_number()
    {
        using var disk = new SimulatedDisk();
        using var lab = new TunnelLab(diskOfA: disk);
        lab.ExchangeProbes();
        OutrunReservation(lab, disk);
        uint last = HighestNumber(lab);
        disk.IsFull = false;

        lab.A.Restart();

        Assert.Equal(last + 1, lab.A.Peer.OutboundRecord.First);
    }

    [Fact]
    public void Traffic_that_outruns_its_reservation_waits_for_the_next_one()
    {
        using var disk = new SimulatedDisk();
        using var lab = new TunnelLab(diskOfA: disk);
        lab.ExchangeProbes();
        int delivered = lab.B.Device.Delivered.Count;

        Send(lab, 5000);

        Assert.Equal(delivered + 5000, lab.B.Device.Delivered.Count);
        Assert.Equal(0, lab.A.OutboundDrops());
    }

    /// <summary>Fills the disk and sends more than is reserved.</summary>
    private static void OutrunReservation(TunnelLab lab, SimulatedDisk disk)
    {
        disk.IsFull = true;
        Send(lab, (int)OutboundRecord.SmallestBlock + 100);
    }

    private static void Send(TunnelLab lab, int packets)
    {
        for (int i = 0; i < packets; i++)
        {
            lab.A.Device.Push(InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 60));
        }

        lab.Settle();
    }

    private static uint HighestNumber(TunnelLab lab) => lab.Network.Recorded
        .Where(datagram => datagram.From == EndConf.OuterA)
        .Max(datagram => EspHeader.ReadSequenceNumber(datagram.Octets));
}
