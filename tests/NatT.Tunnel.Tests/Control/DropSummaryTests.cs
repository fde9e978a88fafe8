using NatT.Esp;
using NatT.Tunnel.Control;

namespace NatT.Tunnel.Tests.Control;

public sealed class DropSummaryTests
{
    [Fact]
    public void Nothing_dropped_makes_no_line()
    {
        var counters = new PathCounters();
        counters.CountPacket(100);

        Assert.Null(new DropSummary([counters]).TakeNew());
    }

    [Fact]
    public void Drops_of_all_paths_are_summed_by_reason_and_told_once()
    {
        var first = new PathCounters();
        var second = new PathCounters();
        var summary = new DropSummary([first, second]);
        first.CountDrop(DropReason.Replayed, 7);
        first.CountDrop(DropReason.UnknownSpi);
        second.CountDrop(DropReason.Replayed, 5);

        Assert.Equal("1 UnknownSpi, 12 Replayed", summary.TakeNew());
        Assert.Null(summary.TakeNew());

        second.CountDrop(DropReason.Replayed);
        Assert.Equal("1 Replayed", summary.TakeNew());
    }

    [Fact]
    public void A_counter_counts_packets_octets_and_each_reason_apart()
    {
        var counters = new PathCounters();

        counters.CountPacket(100);
        counters.CountPacket(50);
        counters.CountDrop(DropReason.TooOld);

        Assert.Equal((2, 150), (counters.Packets, counters.Octets));
        Assert.Equal((1, 0), (counters.Drops(DropReason.TooOld), counters.Drops(DropReason.Replayed)));
    }
}
