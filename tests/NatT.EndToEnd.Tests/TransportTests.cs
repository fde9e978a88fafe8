using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>Transport mode through a NAT, where the two ends do not even agree on what they are called.</summary>
public sealed class TransportTests(TransportLab lab) : IClassFixture<TransportLab>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [NamespaceTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_end_reaches_the_other_by_its_own_name_for_it(bool isIPv6)
    {
        Parallel.Invoke(
            () => AssertPings(lab.A, Of(TransportLab.AtA.Peer, isIPv6), "-s", "1200"),
            () => AssertPings(lab.B, Of(TransportLab.AtB.Peer, isIPv6), "-s", "57"));

        using var report = JsonDocument.Parse(lab.A.Run(NattTunProcess.Executable, "status", "--json").OutputOrFail());
        Assert.All(
            report.RootElement.GetProperty("peers").EnumerateArray(),
            peer => Assert.Equal("transport", peer.GetProperty("mode").GetString()));
    }

    [NamespaceTheory]
    [InlineData(false, "-C cubic")]
    [InlineData(false, "-u -b 10M -R")]
    [InlineData(true, "-C cubic -R")]
    [InlineData(true, "-u -b 10M")]
    public void Iperf3_goes_through(bool isIPv6, string options)
    {
        using var listener = new BackgroundProcess(
            "iperf3 -s", lab.B.Inside("iperf3", "-s", "-1", "-B", Of(TransportLab.AtB.Own, isIPv6), "--forceflush"));
        listener.WaitForLine("Server listening", Limit);

        CommandResult result = lab.A.Run(
            Limit, ["iperf3", "-J", "-c", Of(TransportLab.AtA.Peer, isIPv6), "-t", "1", .. options.Split(' ')]);

        Assert.True(result.Succeeded, $"{result.Command}: {result.Output}{result.Error}\n{lab.Logs}");
        using JsonDocument json = JsonDocument.Parse(result.Output);
        double rate = IperfReport.Read(json.RootElement).MbitPerSecond;
        Measured.Print($"transport mode, IPv{(isIPv6 ? 6 : 4)}, {options}: {rate:F0} Mbit/s");
        Assert.True(rate > 1, result.Output);
    }

    [NamespaceFact]
    public void What_the_host_had_to_fragment_is_counted_by_name()
    {
        lab.A.Run("ping", "-n", "-c", "1", "-W", "1", "-s", "3000", TransportLab.AtA.Peer.V4);

        using var report = JsonDocument.Parse(lab.A.Run(NattTunProcess.Executable, "status", "--json").OutputOrFail());
        JsonElement four = report.RootElement.GetProperty("peers").EnumerateArray().First();
        Assert.Equal(3, four.GetProperty("out").GetProperty("drops").GetProperty("FragmentInTransportMode").GetInt64());
    }

    private static string Of(HostAddresses addresses, bool isIPv6) => isIPv6 ? addresses.V6 : addresses.V4;

    private void AssertPings(NetworkNamespace from, string address, params string[] options)
    {
        CommandResult ping = from.Run(Limit, ["ping", "-n", "-c", "6", "-i", "0.2", "-W", "5", .. options, address]);

        // For the last answer ping waits no longer than two round trips, which a busy machine outlasts: it is not judged.
        Assert.True(
            Enumerable.Range(1, 5).All(i => ping.Output.Contains($" icmp_seq={i} ", StringComparison.Ordinal)),
            $"{from.Name} to {address}:\n{ping.Output}{ping.Error}\n{lab.Logs}");
    }
}
