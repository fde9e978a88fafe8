using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>A peer that starts again finds its way back into the other's replay window, and the other into its own.</summary>
public sealed class RestartTests
{
    private static readonly TimeSpan WithRecord = TimeSpan.FromSeconds(1);

    /// <summary>A probe a second, its answer, and a start in between.</summary>
    private static readonly TimeSpan WithoutRecord = TimeSpan.FromSeconds(3);

    [NamespaceTheory]
    [InlineData("a to b")]
    [InlineData("b to a")]
    public void Peer_that_was_stopped_carries_traffic_within_a_second(string direction) =>
        Restarted(direction, pair => pair.B.Process.Stop(), WithRecord);

    [NamespaceTheory]
    [InlineData("a to b")]
    [InlineData("b to a")]
    public void Peer_that_was_killed_carries_traffic_within_a_second(string direction) =>
        Restarted(direction, pair => pair.B.Process.Kill(), WithRecord);

    [NamespaceTheory]
    [InlineData("a to b")]
    [InlineData("b to a")]
    public void Peer_that_lost_its_record_recovers_within_a_probe_interval(string direction) =>
        Restarted(
            direction,
            pair =>
            {
                pair.B.Process.Kill();
                pair.B.LoseRecord();
            },
            WithoutRecord);

    [NamespaceFact]
    public void Killed_under_load_the_peer_carries_traffic_within_a_second()
    {
        using TunnelPair pair = new TunnelPair().Start();
        Iperf.Tcp(pair.B, pair.A, pair.A.Inner.V4, 2);
        using var load = new BackgroundProcess("flood", pair.B.Host.Inside("ping", "-q", "-f", "-w", "60", pair.A.Inner.V4));
        Thread.Sleep(TimeSpan.FromSeconds(1));

        pair.B.Process.Kill();
        pair.B.Start();

        Report("killed under load", pair.A.FirstAnswerAfter(pair.B.DeviceUpAt, pair.B, WithRecord));
    }

    [NamespaceTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Both_restart_at_once(bool withoutRecords)
    {
        using TunnelPair pair = new TunnelPair().Start();
        pair.AssertPings();
        pair.A.Process.Kill();
        pair.B.Process.Kill();
        if (withoutRecords)
        {
            pair.A.LoseRecord();
            pair.B.LoseRecord();
        }

        pair.A.Start();
        pair.B.Start();

        TimeSpan limit = withoutRecords ? WithoutRecord : WithRecord;
        Report($"both restarted, {(withoutRecords ? "without" : "with")} records", pair.A.FirstAnswerAfter(pair.B.DeviceUpAt, pair.B, limit));
        pair.AssertPings();
    }

    [NamespaceFact]
    public void Peer_restarts_five_times_in_a_row()
    {
        using TunnelPair pair = new TunnelPair().Start();
        for (int round = 0; round < 5; round++)
        {
            pair.B.Process.Kill();
            pair.B.Start();
            pair.A.FirstAnswerAfter(pair.B.DeviceUpAt, pair.B, WithRecord);
        }

        pair.AssertPings();
    }

    private static void Restarted(string direction, Action<TunnelPair> end, TimeSpan limit)
    {
        using TunnelPair pair = new TunnelPair().Start();
        // Some hundreds of numbers, so that a counter that begins again lies far behind the window.
        pair.B.Ping(pair.A.Inner.V4, "-q", "-f", "-c", "3000").OutputOrFail();

        end(pair);
        pair.B.Start();

        (TestPeer from, TestPeer to) = direction == "a to b" ? (pair.A, pair.B) : (pair.B, pair.A);
        Report(direction, from.FirstAnswerAfter(pair.B.DeviceUpAt, to, limit));
        pair.AssertPings();
    }

    private static void Report(string what, TimeSpan elapsed) =>
        Measured.Print($"{what}: first answer {elapsed.TotalMilliseconds:F0} ms after the device was up");
}
