using NatT.Tunnel.Peers;
using NatT.Tunnel.State;

namespace NatT.Hostile.Tests.Faults;

/// <summary>
/// The power fails at each write of a life in turn, and leaves of it whatever a disk can; then again at each write of the start that
/// follows. No number is sent twice, and the next window either knows all that was taken, or waits for a fresh answer.
/// </summary>
[Collection(FaultCases.Name)]
public sealed class PowerCutTests(FaultTable table)
{
    private const int Packets = 3000;
    private const int PacketsAfterwards = 20;
    private const int OctetsBetweenSecondCuts = 13;

    /// <summary>What is left of the write at which the power failed.</summary>
    public enum Remains
    {
        Nothing,
        AnyPrefix,
        Zeros,
        OneRecordOfTwo,
        AllOfIt,
    }

    public static TheoryData<string, Remains> Cuts
    {
        get
        {
            var cuts = new TheoryData<string, Remains>();
            foreach (string suite in FaultConf.Suites)
            {
                foreach (Remains remains in Enum.GetValues<Remains>())
                {
                    cuts.Add(suite, remains);
                }
            }

            return cuts;
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public void Power_cut_at_every_write(string suite, Remains remains) =>
        table.Judge($"power cut at every write, {NameOf(remains)}, {suite}", () => CutEverywhere(suite, remains));

    private static string NameOf(Remains remains) => remains switch
    {
        Remains.Nothing => "old content left",
        Remains.AnyPrefix => "torn at every octet",
        Remains.Zeros => "zeros in its place",
        Remains.OneRecordOfTwo => "one record of two",
        _ => "all written",
    };

    private static string CutEverywhere(string suite, Remains remains)
    {
        using var machine = new CutMachine(suite);
        byte[] before = machine.Disk.Octets;
        List<byte[]> writes = machine.WritesOf(() => machine.Live(new NumberAudit(), Packets)?.Dispose());
        Assert.True(writes.Count > 10, $"{writes.Count} writes");
        (int cuts, int again, long sent) = (0, 0, 0);
        for (int at = 0; at < writes.Count; at++)
        {
            foreach ((int kept, byte[]? behind) in Leftovers(remains, writes[at].Length))
            {
                NumberAudit audit = LiveUntil(machine, before, at, kept);
                machine.Disk.Octets = [.. machine.Disk.Octets, .. Left(writes[at], behind)];
                cuts++;
                again += StartAgain(machine, audit, cutsAgain: remains != Remains.AnyPrefix || kept % OctetsBetweenSecondCuts == 1);
                sent += audit.Sent;
            }
        }

        Assert.True(cuts > 0);
        return $"writes {writes.Count}, cuts {cuts}, cut again {again}, numbers sent {sent}, repeats 0, accepted again 0";
    }

    /// <summary>How many octets are written before the power fails, and which are found behind them.</summary>
    private static IEnumerable<(int Kept, byte[]? Behind)> Leftovers(Remains remains, int length) => remains switch
    {
        Remains.Nothing => [(0, null)],
        Remains.AnyPrefix => Enumerable.Range(1, length - 1).Select(kept => (kept, (byte[]?)null)),
        Remains.Zeros => [(0, new byte[length]), (0, new byte[1])],
        Remains.OneRecordOfTwo when length == 2 * JournalRecord.Size => [(JournalRecord.Size, null), (0, [])],
        Remains.OneRecordOfTwo => [],
        _ => [(length, null)],
    };

    /// <summary>An empty array stands for the second record, with a hole in place of the first.</summary>
    private static byte[] Left(byte[] write, byte[]? behind) => behind switch
    {
        null => [],
        [] => [.. new byte[JournalRecord.Size], .. write[JournalRecord.Size..]],
        _ => behind,
    };

    private static NumberAudit LiveUntil(CutMachine machine, byte[] disk, int at, int kept)
    {
        machine.Disk.Octets = disk;
        machine.Restart();
        machine.CutAt(at, kept);
        var audit = new NumberAudit();
        machine.Live(audit, Packets)?.Dispose();
        Assert.True(machine.IsPowerOff);
        return audit;
    }

    /// <summary>Starts from what is left, and cuts the power at each write of that, too; returns how often it did.</summary>
    private static int StartAgain(CutMachine machine, NumberAudit audit, bool cutsAgain)
    {
        byte[] left = machine.Disk.Octets;
        int writes = !cutsAgain ? 0 : machine.WritesOf(() => AssertComesBack(machine, audit.Copy())).Count;
        int cuts = 0;
        for (int at = 0; at < writes; at++)
        {
            foreach (int kept in new[] { 0, JournalRecord.Size / 2, JournalRecord.Size })
            {
                NumberAudit next = audit.Copy();
                machine.Disk.Octets = left;
                machine.CutAt(at, kept);
                if (machine.TryRestart())
                {
                    machine.Live(next, PacketsAfterwards, stops: false)?.Dispose();
                }

                machine.Disk.Writing = null;
                AssertComesBack(machine, next);
                cuts++;
            }
        }

        machine.Disk.Octets = left;
        AssertComesBack(machine, audit);
        return cuts;
    }

    private static void AssertComesBack(CutMachine machine, NumberAudit audit)
    {
        machine.Restart();
        (ulong sent, ulong taken) = (audit.HighestSent, audit.HighestTaken);
        Peer peer = Assert.IsType<Peer>(machine.Live(audit, PacketsAfterwards, stops: false));
        Assert.True(peer.OutboundRecord.First > sent, $"starts at {peer.OutboundRecord.First}, and {sent} was sent");
        Assert.Null(peer.InboundRecord!.ExactTop);
        Assert.True(peer.InboundRecord.DurableMark >= taken || taken == 0, $"mark {peer.InboundRecord.DurableMark}, and {taken} was taken");
        peer.Dispose();
    }
}
