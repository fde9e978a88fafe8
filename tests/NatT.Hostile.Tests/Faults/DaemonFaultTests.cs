using System.Diagnostics;
using NatT.EndToEnd.Tests.Lab;
using NatT.Tunnel.State;

namespace NatT.Hostile.Tests.Faults;

/// <summary>Faults of running natt-tuns on real disks, by what an eavesdropper on the outer link sees.</summary>
[Collection(FaultCases.Name)]
public sealed class DaemonFaultTests(FaultTable table, FaultPair pair) : IClassFixture<FaultPair>
{
    private const int Kills = 100;
    private const int Replays = 50;

    /// <summary>Frames both ways, three times as many as are replayed.</summary>
    private const int OctetsBeforeTheFault = 40_000;
    private static readonly TimeSpan WithRecord = TimeSpan.FromSeconds(1);

    private string Journal => Path.Combine(pair.B.StateDirectory, "journal");

    [NamespaceFact]
    public void Killed_a_hundred_times() => Judge("kill -9 in mid-traffic, 100 times", () =>
    {
        var gaps = new List<TimeSpan>();
        for (int kill = 0; kill < Kills; kill++)
        {
            pair.KillB();
            gaps.Add(pair.StartAndAwaitFlow());
        }

        gaps.Sort();
        // One in a hundred may meet a machine that does something else.
        Assert.True(gaps[Kills / 2] <= WithRecord, $"median gap {gaps[Kills / 2].TotalMilliseconds:F0} ms");
        return $"median gap {gaps[Kills / 2].TotalMilliseconds:F0} ms, longest {gaps[^1].TotalMilliseconds:F0} ms";
    });

    [NamespaceFact]
    public void Both_killed_at_once() => Judge("both killed at once in mid-traffic", () =>
    {
        pair.A.Process.Kill();
        pair.KillB();
        FaultPair.Start(pair.A);
        TimeSpan gap = pair.StartAndAwaitFlow();
        return $"gap {gap.TotalMilliseconds:F0} ms";
    });

    [NamespaceFact]
    public void Power_cut_with_a_torn_tail() => Judge("power cut in mid-traffic, torn tail", () =>
    {
        pair.KillB();
        // No page of another boot counts.
        File.Delete(Path.Combine(pair.B.StateDirectory, "tops"));
        File.WriteAllBytes(Journal, [.. File.ReadAllBytes(Journal), .. "NTJ torn"u8]);
        TimeSpan gap = pair.StartAndAwaitFlow();
        Assert.True(pair.B.Process.Says("ends in a torn record"), pair.B.Process.Log);
        return $"gap {gap.TotalMilliseconds:F0} ms";
    });

    [NamespaceFact]
    public void State_read_only() => Judge("state_dir read-only", () =>
    {
        pair.KillB();
        string state = pair.B.StateDirectory;
        AssertEnds($"mount --bind -o ro {state} {state}", "Read-only file system; mount it writable");
        return $"exit code 1; writable again: gap {pair.StartAndAwaitFlow().TotalMilliseconds:F0} ms";
    });

    [NamespaceFact]
    public void Disk_full() => Judge("disk full at the start, and in mid-traffic", () =>
    {
        pair.KillB();
        FillUpAlmost();
        string state = pair.B.StateDirectory;
        string onSmallDisk = $"mount -t tmpfs -o size=32k,mode=700 tmpfs {state} && cp -a {state}.kept/. {state}/";
        Command.Run("cp", "-a", state, $"{state}.kept").OutputOrFail();
        AssertEnds($"{onSmallDisk} && ! head -c 1M /dev/zero 2>/dev/null >{state}/fill", "No space left on device; free some space");

        pair.StartAndAwaitFlow("sh", "-c", $"{onSmallDisk} && exec \"$@\"", "sh");
        string inside = $"/proc/{pair.B.Process.Id}/root{state}";
        Command.Run("sh", "-c", $"! head -c 1M /dev/zero 2>/dev/null >{inside}/fill").OutputOrFail();
        pair.B.Process.WaitForLine("State cannot be written (No space left on device)", FaultPair.Limit);
        pair.AwaitQuiet();
        long stopped = TunnelCounters.Of(pair.B).DropsOut["SequenceNotReserved"];

        long freedAt = Stopwatch.GetTimestamp();
        File.Delete($"{inside}/fill");
        TimeSpan gap = pair.AwaitFlow(freedAt);
        pair.B.Process.WaitForLine("State is written again", FaultPair.Limit);

        // Its disk goes with it; the record must not.
        Command.Run("/bin/kill", "-STOP", $"{pair.B.Process.Id}").OutputOrFail();
        Command.Run("cp", "-a", $"{inside}/.", state).OutputOrFail();
        pair.KillB();
        Directory.Delete($"{state}.kept", recursive: true);
        pair.StartAndAwaitFlow();
        return $"exit code 1; alarm, SequenceNotReserved {stopped}, goes on {gap.TotalMilliseconds:F0} ms after there is room";
    });

    [NamespaceFact]
    public void Second_process() => Judge("two processes with one record", () =>
    {
        using var second = new NattTunProcess(pair.B.Host, NattTunProcess.Executable, "--conf", pair.B.ConfFile);
        Assert.Equal(1, second.WaitForExit());
        Assert.Contains($"in use by pid {pair.B.Process.Id}", second.Log, StringComparison.Ordinal);
        return "the second ends, exit code 1, naming the first";
    });

    [NamespaceFact]
    public void Missing_and_older_record()
    {
        pair.Prepare();
        byte[] older = File.ReadAllBytes(Journal);
        byte[] newest = [];
        Judge(
            "missing record, then an older one",
            () =>
            {
                pair.KillB();
                pair.StartAndAwaitFlow();
                pair.KillB();
                newest = File.ReadAllBytes(Journal);
                File.Delete(Journal);
                AssertEnds("true", "has no intact record of its sequence numbers");

                // Another boot, and a record that knows nothing of the life in between.
                File.Delete(Path.Combine(pair.B.StateDirectory, "tops"));
                File.WriteAllBytes(Journal, older);
                TimeSpan gap = pair.StartAndAwaitFlow();
                return $"does not start without; with the older one numbers are used again, gap {gap.TotalMilliseconds:F0} ms";
            },
            areNumbersKept: false);
        pair.KillB();
        File.WriteAllBytes(Journal, newest);
        pair.StartAndAwaitFlow();
    }

    /// <summary>What B's natt-tun is started behind, by sh, and the line that ends it.</summary>
    private void AssertEnds(string spoil, string line)
    {
        NattTunProcess process = pair.B.Launch("sh", "-c", $"{spoil} && exec \"$@\"", "sh");
        Assert.Equal(1, process.WaitForExit());
        Assert.Contains(line, process.Log, StringComparison.Ordinal);
        Assert.False(pair.B.Host.HasDevice(TestPeer.Device));
    }

    /// <summary>Runs a case, and looks at what an eavesdropper saw of it; B refuses each packet of the recording.</summary>
    private void Judge(string fault, Func<string> run, bool areNumbersKept = true) => table.Judge($"end to end: {fault}", () =>
    {
        pair.Prepare();
        using Capture capture = pair.Capture();
        // What B never got would be new to it.
        Wait.Until("a session is recorded", FaultPair.Limit, () => new FileInfo(capture.PcapFile).Length > OctetsBeforeTheFault);
        string counted = run();
        EspFrame[] frames = EspFrame.ReadAll(capture.Stop().PcapFile);
        Assert.True(frames.Length > 0);
        Assert.Empty(Repeated(frames, frame => (frame.Spi, frame.Iv)));
        Assert.True(!areNumbersKept || !Repeated(frames, frame => (frame.Spi, frame.SequenceNumber)).Any());
        return $"{(areNumbersKept ? "numbers" : "nonces")} seen {frames.Length}, repeats 0, {AssertReplayIsRefused(capture)}; {counted}";
    });

    private static IEnumerable<TKey> Repeated<TKey>(EspFrame[] frames, Func<EspFrame, TKey> what) =>
        frames.GroupBy(what).Where(same => same.Skip(1).Any()).Select(same => same.Key);

    /// <summary>The first packets that A sent come again: B refuses each as old.</summary>
    private string AssertReplayIsRefused(Capture capture)
    {
        string part = $"{capture.PcapFile}.part";
        Command.Run(
            "tcpdump", "-n", "-Z", "root", "-r", capture.PcapFile, "-w", part, "-c", $"{Replays}",
            "src host 192.0.2.1 and udp dst port 1100 and greater 60").OutputOrFail();
        int count = EspFrame.ReadAll(part).Length;
        Assert.True(count > 0);
        long before = Old(TunnelCounters.Of(pair.B));
        string script = Path.Combine(AppContext.BaseDirectory, "Lab", "replay.py");
        pair.A.Host.Run(FaultPair.Limit, "/usr/bin/python3", script, part, NetworkLab.Outer).OutputOrFail();
        Wait.Until("each replay is refused", FaultPair.Limit, () => Old(TunnelCounters.Of(pair.B)) - before >= count);
        Assert.Equal(count, Old(TunnelCounters.Of(pair.B)) - before);
        return $"replayed {count}, accepted 0";
    }

    private static long Old(TunnelCounters counters) =>
        counters.DropsIn.GetValueOrDefault("TooOld") + counters.DropsIn.GetValueOrDefault("Replayed");

    /// <summary>Records of other keys leave the journal room for a few more in its last page.</summary>
    private void FillUpAlmost()
    {
        const int Others = 94;
        byte[] records = new byte[Others * JournalRecord.Size];
        for (int i = 0; i < Others; i++)
        {
            var key = new JournalKey(JournalKind.OutboundLimit, new AssociationFingerprint((UInt128)(i + 1)));
            new JournalRecord(key, Ordinal: 0, Value: 1).Write(records.AsSpan(i * JournalRecord.Size));
        }

        File.WriteAllBytes(Journal, [.. File.ReadAllBytes(Journal), .. records]);
    }
}
