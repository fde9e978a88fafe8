using Microsoft.Extensions.Logging;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Tests.State;

public sealed class OutboundRecordTests : IDisposable
{
    private static readonly AssociationFingerprint Peer = SimulatedMachine.Fingerprint(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SimulatedMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void New_association_starts_at_one_with_a_block_already_on_disk()
    {
        OutboundRecord record = _machine.Store.OpenOutbound(Peer);

        Assert.True(record.IsNew);
        Assert.Equal(1UL, record.First);
        Assert.Equal(1025UL, record.Limit);
        Assert.Equal(JournalRecord.Size, _machine.Disk.Octets.Length);
    }

    [Fact]
    public void Killed_process_is_followed_by_one_that_starts_behind_the_block()
    {
        _machine.Store.OpenOutbound(Peer).Use(next: 100, TimeSpan.Zero);

        _machine.Kill();
        OutboundRecord record = _machine.Store.OpenOutbound(Peer);

        Assert.False(record.IsNew);
        Assert.Equal(1025UL, record.First);
    }

    [Fact]
    public void Clean_stop_is_exact()
    {
        _machine.Store.OpenOutbound(Peer).Close(next: 100);

        _machine.CutPower();

        Assert.Equal(100UL, _machine.Store.OpenOutbound(Peer).First);
    }

    [Fact]
    public void Record_made_without_use_is_no_longer_new()
    {
        OutboundRecord made = _machine.Store.OpenOutbound(Peer);
        made.Close(made.First);

        OutboundRecord record = _machine.Store.OpenOutbound(Peer);

        Assert.False(record.IsNew);
        Assert.Equal(1UL, record.First);
    }

    [Fact]
    public void Next_block_is_asked_for_at_half_use_and_not_before()
    {
        OutboundRecord record = _machine.Store.OpenOutbound(Peer);

        record.Use(next: 512, TimeSpan.Zero);
        Assert.True(record.WaitFor(512, Second));
        int before = _machine.Disk.Appends;
        CommitByOpeningAnother(2);
        Assert.Equal(1025UL, record.Limit);

        record.Use(next: 513, TimeSpan.Zero);
        CommitByOpeningAnother(3);

        Assert.Equal(2049UL, record.Limit);
        Assert.Equal(before + 2, _machine.Disk.Appends);
    }

    [Theory]
    [InlineData(100, 1024)]
    [InlineData(5_000, 5_000)]
    [InlineData(1_000_000, 65_536)]
    public void Block_holds_about_a_second_of_traffic(int numbersPerSecond, int expectedBlock)
    {
        OutboundRecord record = _machine.Store.OpenOutbound(Peer);
        ulong next = 1;
        ulong lastStep = 0;
        ulong limit = record.Limit;

        for (int tick = 0; tick < 20_000; tick++)
        {
            ulong count = (ulong)(numbersPerSecond / 1000);
            count += (ulong)((tick % 1000) < numbersPerSecond % 1000 ? 1 : 0);
            Assert.True(count == 0 || record.WaitFor(next + count - 1, Second));
            next += count;
            record.Use(next, TimeSpan.FromMilliseconds(tick));
            if (record.Limit != limit)
            {
                lastStep = record.Limit - limit;
                limit = record.Limit;
            }
        }

        Assert.InRange(lastStep, (ulong)(expectedBlock * 0.98), (ulong)(expectedBlock * 1.02));
    }

    [Fact]
    public void Disk_that_fills_up_stops_at_the_last_durable_number_with_one_alarm_and_goes_on_when_there_is_space()
    {
        OutboundRecord record = _machine.Store.OpenOutbound(Peer);
        _machine.Disk.IsFull = true;
        record.Use(next: 1025, TimeSpan.Zero);

        Assert.False(record.WaitFor(1025, Second));
        Assert.False(record.WaitFor(1025, Second));
        Assert.True(record.HasFailed);
        Assert.Equal(1025UL, record.Limit);
        Assert.Contains("No space left on device", Assert.Single(_machine.Logger.Lines(LogLevel.Error)), StringComparison.Ordinal);

        _machine.Disk.IsFull = false;

        Assert.True(record.WaitFor(1025, Second));
        Assert.False(record.HasFailed);
        Assert.Equal(2049UL, record.Limit);
        Assert.Single(_machine.Logger.Lines(LogLevel.Information));
    }

    [Fact]
    public void Journal_is_intact_after_a_disk_was_full_for_a_while()
    {
        OutboundRecord record = _machine.Store.OpenOutbound(Peer);
        _machine.Disk.IsFull = true;
        Assert.False(record.WaitFor(1025, Second));
        _machine.Disk.IsFull = false;
        Assert.True(record.WaitFor(1025, Second));

        _machine.CutPower();

        Assert.Equal(2049UL, _machine.Store.OpenOutbound(Peer).First);
        Assert.Empty(_machine.Logger.Lines(LogLevel.Warning));
    }

    [Fact]
    public void Nothing_starts_on_a_full_disk()
    {
        _machine.Disk.IsFull = true;

        StateUnavailableException exception = Assert.Throws<StateUnavailableException>(() => _machine.Store.OpenOutbound(Peer));

        Assert.Contains("No space left on device; free some space", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Associations_share_one_flush()
    {
        OutboundRecord[] records = [.. Enumerable.Range(1, 200).Select(i => _machine.Store.OpenOutbound(SimulatedMachine.Fingerprint(i)))];
        int before = _machine.Disk.Appends;
        foreach (OutboundRecord record in records)
        {
            record.Use(next: 1000, TimeSpan.Zero);
        }

        Assert.True(records[0].WaitFor(1025, Second));

        Assert.Equal(before + 1, _machine.Disk.Appends);
        Assert.All(records, record => Assert.Equal(2049UL, record.Limit));
    }

    [Fact]
    public void Batch_larger_than_the_block_waits_for_as_much_as_it_needs()
    {
        OutboundRecord record = _machine.Store.OpenOutbound(Peer);

        Assert.True(record.WaitFor(200_000, Second));

        Assert.True(record.Limit > 200_000);
    }

    [Fact]
    public void Counter_saturates_at_the_last_number()
    {
        OutboundRecord record = OpenAt(ulong.MaxValue - 10);

        Assert.Equal(ulong.MaxValue, record.Limit);
        Assert.True(record.WaitFor(ulong.MaxValue - 1, Second));
        Assert.False(record.WaitFor(ulong.MaxValue, Second));
        record.Use(ulong.MaxValue, TimeSpan.Zero);
    }

    [Fact]
    public void One_association_is_opened_once()
    {
        OutboundRecord record = _machine.Store.OpenOutbound(Peer);
        Assert.ThrowsAny<Exception>(() => _machine.Store.OpenOutbound(Peer));

        record.Close(50);

        Assert.Equal(50UL, _machine.Store.OpenOutbound(Peer).First);
    }

    [Fact]
    public void Steady_use_allocates_nothing()
    {
        OutboundRecord record = _machine.Store.OpenOutbound(Peer);
        record.Use(next: 2, TimeSpan.Zero);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (ulong next = 3; next < 500; next++)
        {
            record.Use(next, TimeSpan.FromMilliseconds(next));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private OutboundRecord OpenAt(ulong first)
    {
        byte[] octets = new byte[JournalRecord.Size];
        new JournalRecord(new JournalKey(JournalKind.OutboundLimit, Peer), Ordinal: 1, first).Write(octets);
        _machine.Disk.Octets = octets;
        _machine.CutPower();
        return _machine.Store.OpenOutbound(Peer);
    }

    private void CommitByOpeningAnother(int number) => _machine.Store.OpenOutbound(SimulatedMachine.Fingerprint(number));
}
