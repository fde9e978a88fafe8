using NatT.Tunnel.State;

namespace NatT.Tunnel.Tests.State;

/// <summary>Random histories with a crash after, or inside, any step.</summary>
public sealed class CrashTests
{
    private const int Steps = 300;
    private static readonly AssociationFingerprint Peer = SimulatedMachine.Fingerprint(1);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_outbound_number_repeats_whatever_happens(int seed)
    {
        var random = new Random(seed);
        using var machine = new SimulatedMachine();
        OutboundRecord record = machine.Store.OpenOutbound(Peer);
        ulong next = record.First;
        ulong highestUsed = 0;
        TimeSpan now = TimeSpan.Zero;

        for (int step = 0; step < Steps; step++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(1, 300));
            int what = random.Next(20);
            if (what < 14)
            {
                ulong count = (ulong)random.Next(1, random.Next(10) == 0 ? 100_000 : 600);
                if (record.WaitFor(next + count - 1, TimeSpan.Zero))
                {
                    Assert.True(next > highestUsed, $"number {next} repeats, {highestUsed} was used");
                    next += count;
                    highestUsed = next - 1;
                    record.Use(next, now);
                }

                continue;
            }

            bool isExact = false;
            switch (what)
            {
                case 14:
                    machine.Disk.IsFull = !machine.Disk.IsFull;
                    continue;
                case 15:
                    machine.Disk.PowerFailsAfter = random.Next(2 * JournalRecord.Size);
                    continue;
                case 16:
                    record.Close(next);
                    isExact = !machine.Disk.IsFull && !machine.Disk.IsPowerOff;
                    break;
            }

            machine.Disk.IsFull = false;
            machine.CutPower();
            record = machine.Store.OpenOutbound(Peer);
            Assert.True(isExact ? record.First == next : record.First > highestUsed, $"{record.First} after {highestUsed}");
            next = record.First;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Mark_never_lies_below_the_top_and_the_page_is_exact_whatever_happens(int seed)
    {
        var random = new Random(seed);
        using var machine = new SimulatedMachine();
        InboundRecord record = machine.Store.OpenInbound(Peer);
        ulong top = 0;
        ulong? page = null;
        TimeSpan now = TimeSpan.Zero;

        for (int step = 0; step < Steps; step++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(1, 50));
            int what = random.Next(20);
            if (what < 16)
            {
                bool isReset = what == 15;
                ulong published = isReset ? (ulong)random.Next(1, 5000) : top + (ulong)random.Next(random.Next(10) == 0 ? 5000 : 40);
                if (isReset)
                {
                    record.Reset(published, now);
                }
                else
                {
                    record.Publish(published, now);
                }

                if (!machine.Disk.IsPowerOff)
                {
                    page = top = published;
                    continue;
                }
            }

            if (what == 16 && !machine.Disk.IsPowerOff)
            {
                machine.Disk.PowerFailsAfter = random.Next(2 * JournalRecord.Size);
                continue;
            }

            if (what == 17 && machine.Disk.PowerFailsAfter is null)
            {
                machine.Kill();
                record = machine.Store.OpenInbound(Peer);
                Assert.Equal(page, record.ExactTop);
                continue;
            }

            machine.CutPower();
            record = machine.Store.OpenInbound(Peer);
            Assert.Null(record.ExactTop);
            Assert.True((record.DurableMark ?? 0) >= top, $"mark {record.DurableMark} below top {top}");
            top = record.DurableMark ?? 0;
            page = null;
        }
    }

    [Fact]
    public void Every_octet_at_which_an_append_can_tear_is_survived()
    {
        for (int torn = 0; torn <= 2 * JournalRecord.Size; torn++)
        {
            using var machine = new SimulatedMachine();
            OutboundRecord first = machine.Store.OpenOutbound(Peer);
            OutboundRecord second = machine.Store.OpenOutbound(SimulatedMachine.Fingerprint(2));
            first.Use(1025, TimeSpan.Zero);
            second.Use(1025, TimeSpan.Zero);
            machine.Disk.PowerFailsAfter = torn;
            Assert.False(first.WaitFor(1025, TimeSpan.Zero));

            machine.CutPower();

            ulong skip = torn % JournalRecord.Size == 0 ? 0 : OutboundRecord.LargestBlock;
            Assert.Equal((torn < JournalRecord.Size ? 1025UL : 2049UL) + skip, machine.Store.OpenOutbound(Peer).First);
            Assert.Equal(
                (torn < 2 * JournalRecord.Size ? 1025UL : 2049UL) + skip,
                machine.Store.OpenOutbound(SimulatedMachine.Fingerprint(2)).First);
        }
    }
}
