using System.Globalization;
using System.Text.RegularExpressions;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>What the tunnel adds to a round trip.</summary>
public sealed partial class LatencyTests
{
    private const int Pings = 500;

    [NamespaceFact]
    public void Idle_round_trip_is_below_a_millisecond_in_the_median()
    {
        using TunnelPair pair = new TunnelPair().Start();
        RoundTrips(pair.A, pair.B.Inner.V4);

        double[] link = RoundTrips(pair.A, "192.0.2.2");
        double[] tunnel = RoundTrips(pair.A, pair.B.Inner.V4);

        Measured.Print($"{Pings} pings, idle: p50 {Percentile(tunnel, 50):F3} ms, p99 {Percentile(tunnel, 99):F3} ms");
        Measured.Print($"the same without the tunnel: p50 {Percentile(link, 50):F3} ms, p99 {Percentile(link, 99):F3} ms");
        Assert.True(Percentile(tunnel, 50) < 1, $"{Percentile(tunnel, 50)} ms in the median");
    }

    /// <summary>In milliseconds, shortest first; fails the test where an answer is missing.</summary>
    private static double[] RoundTrips(TestPeer from, string address)
    {
        string output = from.Ping(address, "-c", $"{Pings}", "-i", "0.01").OutputOrFail();
        double[] times = [.. TimeOfOne().Matches(output)
            .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).Order()];
        Assert.Equal(Pings, times.Length);
        return times;
    }

    private static double Percentile(double[] ordered, int percent) => ordered[(ordered.Length * percent / 100) - 1];

    [GeneratedRegex(@" time=([\d.]+) ms")]
    private static partial Regex TimeOfOne();
}
