using Microsoft.Extensions.Logging;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Tests.State;

public sealed class InboundRecordTests : IDisposable
{
    private static readonly AssociationFingerprint Peer = SimulatedMachine.Fingerprint(1);

    private readonly SimulatedMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void New_association_knows_neither_top_nor_mark()
    {
        InboundRecord record = _machine.Store.OpenInbound(Peer);

        Assert.Null(record.ExactTop);
        Assert.Null(record.DurableMark);
    }

    [Fact]
    public void Kill_leaves_the_exact_top()
    {
        _machine.Store.OpenInbound(Peer).Publish(1234, TimeSpan.Zero);

        _machine.Kill();

        Assert.Equal(1234UL, _machine.Store.OpenInbound(Peer).ExactTop);
    }

    [Fact]
    public void Reboot_voids_the_exact_top_and_leaves_a_mark_ahead_of_it()
    {
        _machine.Store.OpenInbound(Peer).Publish(1234, TimeSpan.Zero);

        _machine.CutPower();
        InboundRecord record = _machine.Store.OpenInbound(Peer);

        Assert.Null(record.ExactTop);
        Assert.Equal(1234UL + InboundRecord.SmallestLead, record.DurableMark);
    }

    [Fact]
    public void Clean_stop_leaves_the_top_itself_as_the_mark()
    {
        InboundRecord record = _machine.Store.OpenInbound(Peer);
        record.Publish(1234, TimeSpan.Zero);
        record.Close(1240);

        _machine.CutPower();

        Assert.Equal(1240UL, _machine.Store.OpenInbound(Peer).DurableMark);
    }

    [Fact]
    public void Bursts_far_apart_do_not_each_wait_for_the_disk()
    {
        const int Bursts = 40;
        InboundRecord record = _machine.Store.OpenInbound(Peer);
        record.Reset(0, TimeSpan.Zero);
        int before = _machine.Disk.Appends;

        for (int i = 1; i <= Bursts; i++)
        {
            record.Publish(47 * (ulong)i, TimeSpan.FromSeconds(i));
        }

        Assert.InRange(_machine.Disk.Appends - before, 1, Bursts / 3);
    }

    [Fact]
    public void Many_that_note_before_any_awaits_take_one_flush()
    {
        InboundRecord[] records = [.. Enumerable.Range(1, 64).Select(i => _machine.Store.OpenInbound(SimulatedMachine.Fingerprint(i)))];
        int before = _machine.Disk.Appends;

        Assert.All(records, record => Assert.True(record.TryNote(100, TimeSpan.Zero)));
        Array.ForEach(records, record => record.AwaitMark(100));

        Assert.Equal(before + 1, _machine.Disk.Appends);
        Assert.All(records, record => Assert.False(record.TryNote(101, TimeSpan.Zero)));
    }

    [Fact]
    public void Mark_is_written_once_a_half_lead_and_not_once_a_packet()
    {
        InboundRecord record = _machine.Store.OpenInbound(Peer);
        int before = _machine.Disk.Appends;

        for (ulong top = 1; top <= 320; top++)
        {
            record.Publish(top, TimeSpan.FromSeconds(top));
        }

        Assert.InRange(_machine.Disk.Appends - before, 1, 320 / 16);
    }

    [Fact]
    public void Lead_is_about_the_packets_of_the_last_tenth_of_a_second()
    {
        InboundRecord record = _machine.Store.OpenInbound(Peer);
        ulong top = 0;
        for (int millisecond = 0; millisecond < 2000; millisecond++)
        {
            top += 50;
            record.Publish(top, TimeSpan.FromMilliseconds(millisecond));
        }

        _machine.CutPower();

        Assert.InRange(_machine.Store.OpenInbound(Peer).DurableMark!.Value, top, top + 5100);
    }

    [Fact]
    public void Jump_of_the_far_end_is_not_taken_for_traffic()
    {
        InboundRecord record = _machine.Store.OpenInbound(Peer);
        record.Publish(10, TimeSpan.Zero);
        record.Publish(70_000, TimeSpan.FromMilliseconds(10));

        _machine.CutPower();

        Assert.InRange(_machine.Store.OpenInbound(Peer).DurableMark!.Value, 70_000UL, 70_000UL + (4 * InboundRecord.SmallestLead));
    }

    [Fact]
    public void Fresh_answer_moves_top_and_mark_down()
    {
        InboundRecord record = _machine.Store.OpenInbound(Peer);
        record.Publish(1_000_000, TimeSpan.Zero);
        record.Reset(5, TimeSpan.FromSeconds(1));
        record.Publish(6 + InboundRecord.SmallestLead, TimeSpan.FromSeconds(2));

        _machine.Kill();
        Assert.Equal(6 + InboundRecord.SmallestLead, _machine.Store.OpenInbound(Peer).ExactTop);

        _machine.CutPower();
        Assert.InRange(_machine.Store.OpenInbound(Peer).DurableMark!.Value, 6 + InboundRecord.SmallestLead, 1000UL);
    }

    [Fact]
    public void Full_disk_does_not_stop_inbound_traffic()
    {
        InboundRecord record = _machine.Store.OpenInbound(Peer);
        record.Publish(1, TimeSpan.Zero);
        _machine.Disk.IsFull = true;

        record.Publish(100_000, TimeSpan.FromSeconds(1));

        Assert.True(_machine.Store.HasFailed);
        Assert.Single(_machine.Logger.Lines(LogLevel.Error));
        _machine.Disk.IsFull = false;
        _machine.Kill();
        Assert.Equal(100_000UL, _machine.Store.OpenInbound(Peer).ExactTop);
    }

    [Fact]
    public void Both_directions_of_one_fingerprint_are_apart()
    {
        _machine.Store.OpenInbound(Peer).Publish(1234, TimeSpan.Zero);

        Assert.True(_machine.Store.OpenOutbound(Peer).IsNew);
    }

    [Fact]
    public void Steady_publishing_allocates_nothing()
    {
        InboundRecord record = _machine.Store.OpenInbound(Peer);
        record.Publish(1, TimeSpan.Zero);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (ulong top = 2; top < 16; top++)
        {
            record.Publish(top, TimeSpan.FromSeconds(top));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
