using Microsoft.Extensions.Logging;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Tests.State;

public sealed class JournalDamageTests : IDisposable
{
    private const ulong Skip = OutboundRecord.LargestBlock;
    private static readonly AssociationFingerprint Peer = SimulatedMachine.Fingerprint(1);

    private readonly SimulatedMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Torn_tail_makes_every_outbound_counter_skip_the_largest_block_with_one_line()
    {
        WriteJournal((Peer, 500), (SimulatedMachine.Fingerprint(2), 700), (Peer, 600));
        _machine.Disk.Octets = _machine.Disk.Octets[..^1];

        _machine.CutPower();

        Assert.Equal(500 + Skip, _machine.Store.OpenOutbound(Peer).First);
        Assert.Equal(700 + Skip, _machine.Store.OpenOutbound(SimulatedMachine.Fingerprint(2)).First);
        Assert.Contains("torn", Assert.Single(_machine.Logger.Lines(LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public void Skipping_happens_once()
    {
        WriteJournal((Peer, 500));
        _machine.Disk.Octets = [.. _machine.Disk.Octets, 1, 2, 3];
        _machine.CutPower();

        _machine.CutPower();

        Assert.Equal(500 + Skip, _machine.Store.OpenOutbound(Peer).First);
    }

    [Fact]
    public void Corruption_in_the_middle_skips_a_block_for_every_record_lost_and_says_so()
    {
        WriteJournal((Peer, 500), (Peer, 600), (Peer, 700), (SimulatedMachine.Fingerprint(2), 900));
        byte[] octets = _machine.Disk.Octets;
        octets[JournalRecord.Size + 30] ^= 1;
        octets[(2 * JournalRecord.Size) + 30] ^= 1;
        _machine.Disk.Octets = octets;

        _machine.CutPower();

        Assert.Equal(500 + (2 * Skip), _machine.Store.OpenOutbound(Peer).First);
        Assert.Equal(900 + (2 * Skip), _machine.Store.OpenOutbound(SimulatedMachine.Fingerprint(2)).First);
        Assert.Contains("corrupt in the middle", Assert.Single(_machine.Logger.Lines(LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(JournalRecord.Size)]
    [InlineData(4096)]
    [InlineData(3_000_000)]
    public void Trailing_garbage_costs_numbers_but_not_the_counter(int length)
    {
        WriteJournal((Peer, 500));
        byte[] garbage = new byte[length];
        new Random(length).NextBytes(garbage);
        _machine.Disk.Octets = [.. _machine.Disk.Octets, .. garbage];

        _machine.CutPower();

        Assert.InRange(_machine.Store.OpenOutbound(Peer).First, 500 + Skip, 500UL + (128 * Skip));
    }

    [Fact]
    public void Skip_saturates_at_the_last_number()
    {
        WriteJournal((Peer, ulong.MaxValue - 5));
        _machine.Disk.Octets = [.. _machine.Disk.Octets, 0];

        _machine.CutPower();

        Assert.Equal(ulong.MaxValue, _machine.Store.OpenOutbound(Peer).First);
    }

    [Fact]
    public void Newest_ordinal_counts_wherever_it_stands()
    {
        byte[] octets = new byte[2 * JournalRecord.Size];
        new JournalRecord(Key(Peer), Ordinal: 8, Value: 300).Write(octets);
        new JournalRecord(Key(Peer), Ordinal: 7, Value: 900).Write(octets.AsSpan(JournalRecord.Size));
        _machine.Disk.Octets = octets;

        _machine.CutPower();

        Assert.Equal(300UL, _machine.Store.OpenOutbound(Peer).First);
    }

    [Fact]
    public void Compaction_at_the_start_keeps_the_newest_record_of_every_key_and_nothing_else()
    {
        var unknown = new JournalKey((JournalKind)200, Peer);
        byte[] octets = new byte[4 * JournalRecord.Size];
        JournalRecord[] records = [new(Key(Peer), 1, 5), new(unknown, 2, 77), new(Key(Peer), 3, 6), new(Key(new(9)), 4, 7)];
        for (int i = 0; i < records.Length; i++)
        {
            records[i].Write(octets.AsSpan(i * JournalRecord.Size));
        }

        _machine.Disk.Octets = octets;
        _machine.CutPower();

        Assert.Equal(3 * JournalRecord.Size, _machine.Disk.Octets.Length);
        Assert.Equal(records[1..].OrderBy(record => record.Ordinal), JournalContents.Read(_machine.Disk.Octets).Newest.Values.OrderBy(record => record.Ordinal));
    }

    [Fact]
    public void Long_journal_is_compacted_while_running_and_loses_nothing()
    {
        _machine.Store.OpenOutbound(SimulatedMachine.Fingerprint(2)).Close(42);
        OutboundRecord record = _machine.Store.OpenOutbound(Peer);
        ulong next = record.First;
        for (int i = 0; i < Journal.CompactionLength / JournalRecord.Size; i++)
        {
            next = record.Limit;
            Assert.True(record.WaitFor(next, TimeSpan.Zero));
        }

        Assert.Equal(1, _machine.Disk.Replacements);
        Assert.InRange(_machine.Disk.Octets.Length, 2 * JournalRecord.Size, 10 * JournalRecord.Size);
        _machine.CutPower();
        Assert.True(_machine.Store.OpenOutbound(Peer).First > next);
        Assert.Equal(42UL, _machine.Store.OpenOutbound(SimulatedMachine.Fingerprint(2)).First);
    }

    [Fact]
    public void Crc_is_that_of_ieee_802_3()
    {
        Assert.Equal(0xCBF43926, Crc32.Compute("123456789"u8));
    }

    private static JournalKey Key(AssociationFingerprint fingerprint) => new(JournalKind.OutboundLimit, fingerprint);

    private void WriteJournal(params (AssociationFingerprint Fingerprint, ulong Value)[] records)
    {
        byte[] octets = new byte[records.Length * JournalRecord.Size];
        for (int i = 0; i < records.Length; i++)
        {
            new JournalRecord(Key(records[i].Fingerprint), (ulong)i + 1, records[i].Value).Write(octets.AsSpan(i * JournalRecord.Size));
        }

        _machine.Disk.Octets = octets;
    }
}
