using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>More threads a direction than most machines have cores for.</summary>
public sealed class WorkersTests
{
    private const int Seconds = 3;
    private const int Streams = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [NamespaceFact]
    public void Four_workers_carry_streams_both_ways_to_the_packet()
    {
        using TunnelPair pair = new TunnelPair(NetworkLab.Direct(carriesRuns: true)).With("workers", "4").Start();

        AssertCarries(pair);

        Assert.True(pair.A.Process.Says("workers a direction: 4"), pair.A.Process.Log);
    }

    [NamespaceFact]
    public void Nothing_of_four_workers_arrives_behind_a_window_of_32()
    {
        // All on one core: a kernel whose cores each have a queue of their own may mix up what one thread sends from two of them.
        TunnelPair onOneCore = new TunnelPair(NetworkLab.Direct(carriesRuns: true)).With("workers", "4").With("replay_window", "32");
        using TunnelPair pair = onOneCore.Start("taskset", "-c", FirstCore());

        AssertCarries(pair);
    }

    [NamespaceFact]
    public void A_stop_with_four_workers_writes_the_exact_number()
    {
        using TunnelPair pair = new TunnelPair(NetworkLab.Direct(carriesRuns: true)).With("workers", "4").Start();
        Iperf.ParallelTcp(pair.A, pair.B, pair.B.Inner.V4, Seconds, Streams, reverse: false);
        pair.AssertPings();
        TunnelCounters before = TunnelCounters.Of(pair.B);

        pair.A.Process.Stop();
        pair.A.Start();
        pair.A.Process.WaitForLine("peer a is up", Patience);
        pair.AssertPings();

        // Whatever the new process skipped would be missing.
        Assert.Equal(0, TunnelCounters.Of(pair.B).Since(before).Missing);
    }

    private static void AssertCarries(TunnelPair pair)
    {
        foreach (bool reverse in new[] { false, true })
        {
            IperfReport report = Iperf.ParallelTcp(pair.A, pair.B, pair.B.Inner.V4, Seconds, Streams, reverse);
            Measured.Print($"{Streams} streams of TCP, 4 workers, {(reverse ? "b to a" : "a to b")}: {report.MbitPerSecond:F0} Mbit/s");
            Assert.True(report.MbitPerSecond > 1);
        }

        pair.AssertPings();
        AssertAccountedFor(pair.A, pair.B);
        AssertAccountedFor(pair.B, pair.A);
    }

    private static void AssertAccountedFor(TestPeer sender, TestPeer receiver)
    {
        // A probe may be on its way between the two looks.
        Wait.Until($"what {sender.Name} sent is what {receiver.Name} counts", Patience, () =>
        {
            (TunnelCounters sent, TunnelCounters received) = (TunnelCounters.Of(sender), TunnelCounters.Of(receiver));
            long drops = received.DropsIn.Values.Sum() - received.DropsIn.GetValueOrDefault("SocketQueueFull");
            return sent.PacketsOut == received.PacketsIn + drops + received.Missing;
        });
        TunnelCounters counters = TunnelCounters.Of(receiver);
        Assert.Equal(0, counters.DropsIn.GetValueOrDefault("TooOld"));
        Assert.Equal(0, counters.DropsIn.GetValueOrDefault("Replayed"));
        Assert.Equal(0, counters.DropsIn.GetValueOrDefault("IcvMismatch"));
    }

    /// <summary>Of those that we may run on.</summary>
    private static string FirstCore()
    {
        const string Field = "Cpus_allowed_list:";
        string cores = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..];
        return cores.Trim().Split('-', ',')[0];
    }
}
