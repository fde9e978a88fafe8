using Microsoft.Extensions.Logging;
using NatT.Esp;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;
using NatT.Tunnel.Tests.State;

namespace NatT.Hostile.Tests.Faults;

/// <summary>A disk that takes nothing, or takes its time.</summary>
[Collection(FaultCases.Name)]
public sealed class DiskFaultTests(FaultTable table) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    private readonly SimulatedMachine _machine = new();

    public static TheoryData<string> Suites => [.. FaultConf.Suites];

    public void Dispose() => _machine.Dispose();

    [Theory]
    [MemberData(nameof(Suites))]
    public void Full_in_mid_traffic(string suite) => table.Judge($"disk full in mid-traffic, {suite}", () =>
    {
        using var lab = new FaultLab(suite);
        lab.Exchange(100);
        lab.DiskOfA.IsFull = true;
        ulong limit = lab.A.Peer.OutboundRecord.Limit;

        lab.Exchange(2000);

        Assert.Equal(limit, lab.A.Peer.Outbound.Sequence.Next);
        long stopped = lab.A.OutboundDrops(DropReason.SequenceNotReserved);
        Assert.True(stopped > 0);
        Assert.Single(lab.A.Logger.Lines(LogLevel.Error), line => line.Contains("State cannot be written (No space left", StringComparison.Ordinal));
        // What comes in goes on: a weaker mark costs less than silence.
        Assert.True(lab.Tunnel.Carries(lab.B, lab.A));

        lab.DiskOfA.IsFull = false;
        Assert.True(lab.Tunnel.Carries(lab.A, lab.B));
        lab.A.Kill();
        lab.TimeToTraffic(TimeSpan.FromSeconds(1));
        return $"{lab.AssertNoRepeats()}, alarms 1, SequenceNotReserved {stopped}, goes on once there is room";
    });

    [Theory]
    [MemberData(nameof(Suites))]
    public void Nothing_can_be_written_at_the_start(string suite) => table.Judge($"nothing can be written at the start, {suite}", () =>
    {
        using var machine = new CutMachine(suite);
        var audit = new NumberAudit();
        machine.Live(audit, packets: 100, stops: false)!.Dispose();
        machine.Disk.IsFull = true;
        // Where the journal has to be compacted, its reader is refused already.
        Assert.False(machine.TryRestart() && machine.Live(audit, packets: 100) is not null);

        machine.Disk.IsFull = false;
        machine.Restart();
        machine.Live(audit, packets: 100)!.Dispose();
        return $"does not start; once there is room: numbers sent {audit.Sent}, repeats 0";
    });

    [Fact]
    public void Slow_flush() => table.Judge("slow flush, cut off before it ends", () =>
    {
        using var flushing = new ManualResetEventSlim(initialState: true);
        _machine.Disk.Writing = _ => flushing.Wait(Patience);
        AssociationFingerprint peer = SimulatedMachine.Fingerprint(1);
        ulong used;
        ulong limit;
        using (var journal = new Journal(_machine.Disk.Open(), _machine.Logger))
        {
            journal.Start();
            var record = new OutboundRecord(journal, journal.Open(new JournalKey(JournalKind.OutboundLimit, peer)));
            Assert.True(record.WaitFor(1, Patience));
            limit = record.Limit;
            flushing.Reset();
            record.Use(limit / 2 + 2, TimeSpan.Zero);

            // What is reserved may be used; nothing above it, however long the disk takes.
            Assert.True(record.WaitFor(limit - 1, Moment));
            Assert.False(record.WaitFor(limit, Moment));
            Assert.Equal(limit, record.Limit);
            byte[] onDisk = _machine.Disk.Octets;
            used = limit - 1;
            Assert.True(FirstAfter(onDisk, peer) > used);

            flushing.Set();
            Assert.True(record.WaitFor(limit, Patience));
        }

        return $"numbers used {used}, waits at {limit}, goes on once it is flushed, repeats 0";
    });

    private static ulong FirstAfter(byte[] onDisk, AssociationFingerprint peer)
    {
        using var disk = new SimulatedDisk { Octets = onDisk };
        using var journal = new Journal(disk.Open(), new RecordingLogger());
        return new OutboundRecord(journal, journal.Open(new JournalKey(JournalKind.OutboundLimit, peer))).First;
    }
}
