using NatT.Tunnel.State;

namespace NatT.Tunnel.Tests.State;

/// <summary>Start and stop of ten thousand peers: as many flushes as of one.</summary>
public sealed class ManyRecordsTests : IDisposable
{
    private const int Count = 10_000;

    private static readonly AssociationFingerprint[] Peers = [.. Enumerable.Range(1, Count).Select(SimulatedMachine.Fingerprint)];

    private readonly SimulatedMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Start_of_many_takes_one_flush_and_each_has_its_block_on_disk()
    {
        IReadOnlyList<OutboundRecord> records = _machine.Store.OpenOutbound(Peers);

        Assert.Equal(1, _machine.Disk.Appends);
        Assert.All(records, record => Assert.Equal((1UL, 1025UL), (record.First, record.Limit)));

        _machine.CutPower();
        Assert.All(_machine.Store.OpenOutbound(Peers), record => Assert.Equal(1025UL, record.First));
    }

    [Fact]
    public void Stop_of_many_takes_one_flush_for_both_directions_and_is_exact()
    {
        IReadOnlyList<OutboundRecord> outbound = _machine.Store.OpenOutbound(Peers);
        InboundRecord[] inbound = [.. Peers.Select(_machine.Store.OpenInbound)];
        int before = _machine.Disk.Appends;

        _machine.Store.Close(
            outbound.Select((record, i) => (record, 1 + (ulong)(i % 1000))), inbound.Select((record, i) => (record, (ulong)i)));

        Assert.Equal(before + 1, _machine.Disk.Appends);
        _machine.CutPower();
        Assert.Equal(
            Enumerable.Range(0, Count).Select(i => 1 + (ulong)(i % 1000)), _machine.Store.OpenOutbound(Peers).Select(record => record.First));
        Assert.Equal(
            Enumerable.Range(0, Count).Select(i => (ulong?)i), Peers.Select(peer => _machine.Store.OpenInbound(peer).DurableMark));
    }

    [Fact]
    public void Journal_thread_takes_a_group_whole()
    {
        using var disk = new SimulatedDisk();
        using var journal = new Journal(disk.Open(), _machine.Logger);
        JournalEntry[] entries =
            [.. Peers.Select(peer => journal.Open(new JournalKey(JournalKind.OutboundLimit, peer)))];
        journal.Start();

        journal.RequestTogether(() => Array.ForEach(entries, entry => journal.Request(entry, 7)));
        journal.Commit();

        Assert.All(entries, entry => Assert.Equal(7UL, entry.Durable));
        Assert.Equal(1, disk.Appends);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000)]
    [InlineData(399_999)]
    public void Power_that_fails_while_many_start_lets_none_start_and_repeats_no_number(int octets)
    {
        _machine.Store.Close(_machine.Store.OpenOutbound(Peers).Select((record, i) => (record, 1 + (ulong)(i % 1000))), []);
        _machine.CutPower();
        _machine.Disk.PowerFailsAfter = octets;

        Assert.Throws<StateUnavailableException>(() => _machine.Store.OpenOutbound(Peers));

        _machine.CutPower();
        Assert.All(
            _machine.Store.OpenOutbound(Peers).Select((record, i) => (record.First, Least: 1 + (ulong)(i % 1000))),
            each => Assert.True(each.First >= each.Least, $"{each}"));
    }

    [Fact]
    public void Full_disk_lets_none_start_and_all_start_once_there_is_space()
    {
        _machine.Disk.IsFull = true;

        StateUnavailableException exception = Assert.Throws<StateUnavailableException>(() => _machine.Store.OpenOutbound(Peers));

        Assert.Contains("No space left on device; free some space", exception.Message, StringComparison.Ordinal);
        _machine.Disk.IsFull = false;
        Assert.All(_machine.Store.OpenOutbound(Peers), record => Assert.Equal((1UL, 1025UL), (record.First, record.Limit)));
    }

    [Fact]
    public void Association_named_twice_opens_none()
    {
        AssociationFingerprint one = SimulatedMachine.Fingerprint(1);
        AssociationFingerprint two = SimulatedMachine.Fingerprint(2);

        Assert.Throws<InvalidOperationException>(() => _machine.Store.OpenOutbound([one, two, one]));

        Assert.Equal(2, _machine.Store.OpenOutbound([one, two]).Length);
    }

    [Fact]
    public void Record_is_known_once_it_is_made_and_by_its_direction()
    {
        AssociationFingerprint peer = SimulatedMachine.Fingerprint(1);
        Assert.False(_machine.Store.HasRecord(peer, AssociationDirection.Outbound));

        _machine.Store.OpenOutbound(peer);
        _machine.CutPower();

        Assert.True(_machine.Store.HasRecord(peer, AssociationDirection.Outbound));
        Assert.False(_machine.Store.HasRecord(peer, AssociationDirection.Inbound));
    }
}
