using System.Globalization;
using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Matrix;
using Xunit.Abstractions;

namespace NatT.Kernel.Tests;

/// <summary>natt-tun against the ESP that Linux itself has, as <c>ip xfrm</c> sets it up.</summary>
[Collection(MatrixTests.Name)]
public sealed class KernelMatrixTests(MatrixSession session, ITestOutputHelper output)
{
    private static readonly TimeSpan IperfLimit = TimeSpan.FromSeconds(60);

    public static IEnumerable<object[]> Rows => MatrixSession.Rows.Select(row => row.Words);

    public static TheoryData<string> Algorithms => [.. KernelAlgorithm.All.Select(algorithm => algorithm.Name)];

    [KernelTheory]
    [MemberData(nameof(Rows))]
    public void Kernel_and_natt_tun_ping_each_other(string algorithm, string sequence, string framing, string outer, string inner)
    {
        MatrixPeer peer = session.Await(MatrixRow.Name(algorithm, sequence, framing, outer, inner));

        session.AssertEchoes(peer, fromKernel: false, "0 1 56 57");
        session.AssertEchoes(peer, fromKernel: true, "0 1 56 57");

        session.AssertNothingDropped(peer);
    }

    [KernelTheory]
    [MemberData(nameof(Algorithms))]
    public void Every_size_passes_in_both_directions(string algorithm)
    {
        MatrixPeer peer = session.Await(RowOf(algorithm));
        int largest = session.A.MtuOf(TestPeer.Device) - 48;

        session.AssertEchoes(peer, fromKernel: false, $"0-{largest}");

        session.AssertNothingDropped(peer);
    }

    [KernelTheory]
    [MemberData(nameof(Algorithms))]
    public void Iperf3_goes_through_in_both_directions(string algorithm)
    {
        MatrixPeer peer = session.Await(RowOf(algorithm));
        (string own, string kernel) = peer.Pairs().First();

        foreach (string[] direction in new string[][] { [], ["-R"] })
        {
            session.Guest.Start("Server listening", "iperf3", "-s", "-1", "-B", kernel, "--forceflush");
            CommandResult result = session.A.Run(IperfLimit, ["iperf3", "-J", "-c", kernel, "-B", own, "-t", "2", "-C", "cubic", .. direction]);
            Assert.True(result.Succeeded, $"{result.Command}: {result.Output}{result.Error}\n{session.NattTunLog}");
            using JsonDocument json = JsonDocument.Parse(result.Output);
            double rate = IperfReport.Read(json.RootElement).MbitPerSecond;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{peer.Row}, {(direction.Length == 0 ? "to" : "from")} the kernel: {rate:F0} Mbit/s"));
            Assert.True(rate > 0, result.Output);
        }
    }

    private static string RowOf(string algorithm) => MatrixSession.Rows.First(row => row.Algorithm.Name == algorithm).ToString();
}
