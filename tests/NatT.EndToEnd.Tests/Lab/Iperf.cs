using System.Globalization;
using System.Text.Json;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>iperf3 through a tunnel.</summary>
internal static class Iperf
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    /// <summary>TCP from one peer to an address of the other; with <paramref name="reverse"/>, the other way.</summary>
    public static IperfReport Tcp(TestPeer client, TestPeer server, string address, int seconds, bool reverse = false, double interval = 1) =>
        Run(client, server, address, seconds, reverse, "-C", "cubic", "-i", interval.ToString(CultureInfo.InvariantCulture));

    /// <summary>So many TCP streams side by side.</summary>
    public static IperfReport ParallelTcp(TestPeer client, TestPeer server, string address, int seconds, int streams, bool reverse) =>
        Run(client, server, address, seconds, reverse, "-C", "cubic", "-P", streams.ToString(CultureInfo.InvariantCulture));

    public static IperfReport Udp(TestPeer client, TestPeer server, string address, int seconds, bool reverse = false) =>
        Run(client, server, address, seconds, reverse, "-u", "-b", "10M", "-l", "1200");

    private static IperfReport Run(
        TestPeer client, TestPeer server, string address, int seconds, bool reverse, params string[] options)
    {
        using var listener = new BackgroundProcess("iperf3 -s", server.Host.Inside("iperf3", "-s", "-1", "-B", address, "--forceflush"));
        listener.WaitForLine("Server listening", StartLimit);
        string[] command =
            ["iperf3", "-J", "-c", address, "-t", seconds.ToString(CultureInfo.InvariantCulture), .. options, .. reverse ? ["-R"] : Array.Empty<string>()];
        CommandResult result = client.Host.Run(TimeSpan.FromSeconds(seconds) + Margin, command);
        Assert.True(
            result.Succeeded,
            $"{result.Command}: {result.Output}{result.Error}\n{client.Name}:\n{client.Process.Log}\n{server.Name}:\n{server.Process.Log}");
        using JsonDocument report = JsonDocument.Parse(result.Output);
        return IperfReport.Read(report.RootElement);
    }
}
