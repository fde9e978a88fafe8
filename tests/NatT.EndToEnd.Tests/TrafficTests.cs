using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>What applications see of a tunnel.</summary>
public sealed class TrafficTests
{
    private const int Seconds = 3;

    [NamespaceFact]
    public void Pings_are_answered_both_ways_over_IPv4_and_IPv6()
    {
        using var pair = new TunnelPair();
        pair.Start();

        pair.AssertPings();
    }

    [NamespaceTheory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    public void Iperf3_carries_TCP(bool ipv6, bool reverse, bool carriesRuns)
    {
        using TunnelPair pair = new TunnelPair(NetworkLab.Direct(carriesRuns)).Start();

        IperfReport report = Iperf.Tcp(pair.A, pair.B, AddressOf(pair.B, ipv6), Seconds, reverse);

        Measured.Print($"TCP over IPv{(ipv6 ? 6 : 4)}, {Direction(reverse)}: {report.MbitPerSecond:F0} Mbit/s");
        Assert.True(report.MbitPerSecond > 1);
    }

    [NamespaceTheory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    public void Iperf3_carries_UDP(bool ipv6, bool reverse, bool carriesRuns)
    {
        using TunnelPair pair = new TunnelPair(NetworkLab.Direct(carriesRuns)).Start();

        IperfReport report = Iperf.Udp(pair.A, pair.B, AddressOf(pair.B, ipv6), Seconds, reverse);

        Measured.Print($"UDP over IPv{(ipv6 ? 6 : 4)}, {Direction(reverse)}: {report.MbitPerSecond:F1} Mbit/s, lost {report.LostPercent:F2} %");
        Assert.InRange(report.LostPercent, 0, 2);
        Assert.InRange(report.MbitPerSecond, 9, 11);
    }

    [NamespaceFact]
    public void Iperf3_runs_for_60_seconds_without_a_stall()
    {
        using TunnelPair pair = new TunnelPair().Start();

        IperfReport report = Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V4, 60);

        Measured.Print($"60 s of TCP: {report.MbitPerSecond:F0} Mbit/s, {report.EmptyIntervals} seconds without a byte");
        Assert.Equal(0, report.EmptyIntervals);
    }

    [NamespaceFact]
    public void Memory_map_names_no_OpenSSL_after_traffic_has_flowed()
    {
        using TunnelPair pair = new TunnelPair().Start();
        pair.AssertPings();

        foreach (string map in new[] { pair.A.Process.MemoryMap, pair.B.Process.MemoryMap })
        {
            Assert.Contains("libc.so", map, StringComparison.Ordinal);
            Assert.DoesNotContain("libssl", map, StringComparison.Ordinal);
            Assert.DoesNotContain("libcrypto", map, StringComparison.Ordinal);
            Assert.DoesNotContain("Native.OpenSsl", map, StringComparison.Ordinal);
        }
    }

    private static string AddressOf(TestPeer peer, bool ipv6) => ipv6 ? peer.Inner.V6 : peer.Inner.V4;

    private static string Direction(bool reverse) => reverse ? "b to a" : "a to b";
}
