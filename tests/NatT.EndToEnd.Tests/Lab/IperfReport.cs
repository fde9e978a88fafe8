using System.Text.Json;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>What iperf3 measured.</summary>
/// <param name="MbitPerSecond">What the receiver got.</param>
/// <param name="LostPercent">UDP only.</param>
/// <param name="EmptyIntervals">Seconds in which nothing went through.</param>
internal sealed record IperfReport(double MbitPerSecond, double LostPercent, int EmptyIntervals)
{
    public static IperfReport Read(JsonElement report)
    {
        JsonElement end = report.GetProperty("end");
        bool isUdp = end.TryGetProperty("sum", out JsonElement sum);
        JsonElement received = isUdp ? sum : end.GetProperty("sum_received");
        // iperf3 closes with a fraction of a second in which nothing need have come.
        int empty = report.GetProperty("intervals").EnumerateArray()
            .Select(interval => interval.GetProperty("sum"))
            .Count(interval => interval.GetProperty("seconds").GetDouble() > 0.5 && interval.GetProperty("bytes").GetInt64() == 0);
        return new IperfReport(
            received.GetProperty("bits_per_second").GetDouble() / 1e6,
            isUdp ? sum.GetProperty("lost_percent").GetDouble() : 0,
            empty);
    }
}
