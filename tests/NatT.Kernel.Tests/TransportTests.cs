using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Transport;

namespace NatT.Kernel.Tests;

/// <summary>natt-tun against the transport mode of Linux's own ESP, in which each end has addresses of its own.</summary>
public sealed class TransportTests(TransportSession session) : IClassFixture<TransportSession>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    public static TheoryData<string> Peers => [.. TransportSession.Peers.Select(peer => peer.Name)];

    [KernelTheory]
    [MemberData(nameof(Peers))]
    public void Kernel_and_natt_tun_ping_each_other_with_packets_of_any_size_that_the_device_takes(string name)
    {
        TransportPeer peer = session.Await(name);
        int largest = session.A.MtuOf(TestPeer.Device) - 48;

        AssertEchoes(command => session.A.Run(Limit, command), peer.OwnInner, peer.KernelInner, $"0-40 {largest - 20}-{largest}");
        AssertEchoes(command => session.Guest.Run(Limit, command), peer.KernelOuter, peer.OwnOuter, $"0-40 {largest - 20}-{largest}");

        JsonElement status = session.StatusOf(peer);
        Assert.Equal("transport", status.GetProperty("mode").GetString());
        Assert.Equal("{}", status.GetProperty("out").GetProperty("drops").GetRawText());
    }

    [KernelTheory]
    [MemberData(nameof(Peers))]
    public void Iperf3_goes_through_in_both_directions(string name)
    {
        TransportPeer peer = session.Await(name);
        int port = 5300;
        foreach (string[] options in new string[][] { ["-C", "cubic"], ["-C", "cubic", "-R"], ["-u", "-b", "5M"], ["-u", "-b", "5M", "-R"] })
        {
            session.Guest.Start("Server listening", "iperf3", "-s", "-1", "-p", $"{++port}", "-B", peer.KernelOuter, "--forceflush");
            CommandResult result = session.A.Run(
                Limit, ["iperf3", "-J", "-c", peer.KernelInner, "-p", $"{port}", "-B", peer.OwnInner, "-t", "1", .. options]);
            Assert.True(result.Succeeded, $"{result.Command}: {result.Output}{result.Error}\n{session.NattTunLog}");
            using JsonDocument json = JsonDocument.Parse(result.Output);
            double rate = IperfReport.Read(json.RootElement).MbitPerSecond;
            Measured.Print($"{name} {string.Join(' ', options)}: {rate:F0} Mbit/s");
            Assert.True(rate > 0, result.Output);
        }
    }

    private void AssertEchoes(Func<string[], CommandResult> run, string from, string to, string sizes)
    {
        CommandResult result = Echoes.Run(run, from, to, sizes);
        Assert.True(
            result.Succeeded,
            $"{from} to {to}: {result.Output}{result.Error}\n{session.NattTunLog}\n{session.Guest.Run("ip", "-s", "xfrm", "state").Output}"
            + $"\n{session.Guest.Run("cat", "/proc/net/xfrm_stat").Output}");
    }
}
