using System.Text.Json;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>What iperf3 measured.</summary>
/// <param name="MbitPerSecond">What the receiver got.</param>
/// <param name="LostPercent">UDP only.</param>
/// <param name="EmptyIntervals">Seconds in which nothing went through.</param>
/// <param name="LongestGap">Intervals in a row in which nothing went through.</param>
/// <param name="OctetsAfterGap">What went through after those.</param>
internal sealed record IperfReport(
    double MbitPerSecond, double LostPercent, int EmptyIntervals, TimeSpan LongestGap, long OctetsAfterGap)
{
    public static IperfReport Read(JsonElement report)
    {
        JsonElement end = report.GetProperty("end");
        bool isUdp = end.TryGetProperty("sum", out JsonElement sum);
        JsonElement received = isUdp ? sum : end.GetProperty("sum_received");
        (double Seconds, long Octets)[] intervals = [.. report.GetProperty("intervals").EnumerateArray()
            .Select(interval => interval.GetProperty("sum"))
            .Select(interval => (interval.GetProperty("seconds").GetDouble(), interval.GetProperty("bytes").GetInt64()))];
        (TimeSpan gap, long after) = FindLongestGap(intervals);
        return new IperfReport(
            received.GetProperty("bits_per_second").GetDouble() / 1e6,
            isUdp ? sum.GetProperty("lost_percent").GetDouble() : 0,
            // iperf3 closes with a fraction of a second in which nothing need have come.
            intervals.Count(interval => interval is { Seconds: > 0.5, Octets: 0 }),
            gap,
            after);
    }

    private static (TimeSpan Gap, long OctetsAfter) FindLongestGap((double Seconds, long Octets)[] intervals)
    {
        (double longest, double current) = (0, 0);
        long after = 0;
        foreach ((double seconds, long octets) in intervals)
        {
            current = octets == 0 ? current + seconds : 0;
            after += octets;
            if (current > longest)
            {
                longest = current;
                after = 0;
            }
        }

        return (TimeSpan.FromSeconds(longest), after);
    }
}
