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
        using TunnelPair pair = UdpFlow.StartQuiet(new TunnelPair(NetworkLab.Direct(carriesRuns: true)).With("workers", "4"));

        AssertCarries(pair);

        Assert.True(pair.A.Process.Says("workers a direction: 4"), pair.A.Process.Log);
    }

    [NamespaceFact]
    public void Nothing_of_four_workers_arrives_behind_a_window_of_32()
    {
        // All on one core: a kernel whose cores each have a queue of their own may mix up what one thread sends from two of them.
        TunnelPair onOneCore = new TunnelPair(NetworkLab.Direct(carriesRuns: true)).With("workers", "4").With("replay_window", "32");
        using TunnelPair pair = UdpFlow.StartQuiet(onOneCore, "taskset", "-c", FirstCore());

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
        (TunnelCounters a, TunnelCounters b) = (TunnelCounters.Of(pair.A), TunnelCounters.Of(pair.B));
        foreach (bool reverse in new[] { false, true })
        {
            IperfReport report = Iperf.ParallelTcp(pair.A, pair.B, pair.B.Inner.V4, Seconds, Streams, reverse);
            Measured.Print($"{Streams} streams of TCP, 4 workers, {(reverse ? "b to a" : "a to b")}: {report.MbitPerSecond:F0} Mbit/s");
            Assert.True(report.MbitPerSecond > 1);
        }

        // Only behind another packet shows that one is missing.
        CommandResult ping = pair.A.Ping(pair.B.Inner.V4, "-c", "5", "-i", "0.2");
        Assert.True(ping.Succeeded, $"{ping.Output}{ping.Error}");
        AssertAccountedFor(pair.A, a, pair.B, b);
        AssertAccountedFor(pair.B, b, pair.A, a);
    }

    private static void AssertAccountedFor(TestPeer sender, TunnelCounters senderBefore, TestPeer receiver, TunnelCounters receiverBefore)
    {
        TunnelCounters sent = TunnelCounters.Of(sender).Since(senderBefore);
        TunnelCounters received = TunnelCounters.Of(receiver).Since(receiverBefore);
        Assert.Equal(sent.PacketsOut, received.PacketsIn + received.Missing);
        Assert.DoesNotContain(received.DropsIn.Keys, reason => reason != "SocketQueueFull");
    }

    /// <summary>Of those that we may run on.</summary>
    private static string FirstCore()
    {
        const string Field = "Cpus_allowed_list:";
        string cores = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..];
        return cores.Trim().Split('-', ',')[0];
    }
}
