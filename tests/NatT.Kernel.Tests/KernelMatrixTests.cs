using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Matrix;

namespace NatT.Kernel.Tests;

/// <summary>natt-tun against the ESP that Linux itself has, as <c>ip xfrm</c> sets it up.</summary>
[Collection(MatrixTests.Name)]
public sealed class KernelMatrixTests(MatrixSession session)
{
    private static readonly TimeSpan IperfLimit = TimeSpan.FromSeconds(60);

    public static IEnumerable<object[]> Rows => MatrixSession.Rows.Select(row => row.Words);

    public static TheoryData<string> Suites => [.. MatrixSession.Suites];

    [KernelTheory]
    [MemberData(nameof(Rows))]
    public void Kernel_and_natt_tun_ping_each_other(string algorithm, string sequence, string framing, string outer, string inner, string mode)
    {
        string? fault = session.FaultOf(MatrixRow.Name(algorithm, sequence, framing, outer, inner, mode));

        Assert.True(fault is null, fault);
    }

    [KernelFact]
    public void Kernel_threw_nothing_of_all_that_away() => session.AssertNoKernelErrorsWithRows();

    [KernelTheory]
    [MemberData(nameof(Suites))]
    public void Every_size_passes_in_both_directions(string algorithm)
    {
        MatrixPeer peer = session.AwaitSuite(algorithm);
        int largest = session.A.MtuOf(TestPeer.Device) - 48;

        session.AssertEchoes(peer, fromKernel: false, $"0-{largest}");

        session.AssertNothingDropped(peer);
    }

    [KernelTheory]
    [MemberData(nameof(Suites))]
    public void Iperf3_goes_through_in_both_directions(string algorithm)
    {
        MatrixPeer peer = session.AwaitSuite(algorithm);
        (string own, string kernel) = peer.Pairs().First();

        // A port each, for the first server may not have let go of its own yet.
        double Rate(string port, params string[] direction)
        {
            session.Guest.Start("Server listening", "iperf3", "-s", "-1", "-p", port, "-B", kernel, "--forceflush");
            CommandResult result = session.A.Run(
                IperfLimit, ["iperf3", "-J", "-c", kernel, "-p", port, "-B", own, "-t", "2", "-C", "cubic", .. direction]);
            Assert.True(result.Succeeded, $"{result.Command}: {result.Output}{result.Error}\n{session.NattTunLog}");
            using JsonDocument json = JsonDocument.Parse(result.Output);
            double rate = IperfReport.Read(json.RootElement).MbitPerSecond;
            // A kernel's zero UDP checksums keep GRO from merging what it sends.
            Measured.Print($"{algorithm}, {(direction.Length == 0 ? "to" : "from")} the kernel: {rate:F0} Mbit/s");
            Assert.True(rate > 0, result.Output);
            return rate;
        }

        session.Rates[algorithm] = (Rate("5201"), Rate("5202", "-R"));
        session.ForgetDropped(peer);
    }

    [KernelFact]
    public void Extended_numbers_of_both_ends_go_on_past_32_bits()
    {
        MatrixPeer peer = session.Await(MatrixSession.PastThirtyTwoBits);

        session.AssertEchoes(peer, fromKernel: true, "0-200");
        session.AssertEchoes(peer, fromKernel: false, "0-200");

        string states = session.Guest.Ip("xfrm state");
        Assert.Contains("oseq-hi 0x1,", states, StringComparison.Ordinal);
        Assert.Contains(" seq-hi 0x1,", states, StringComparison.Ordinal);
        session.AssertNothingDropped(peer);
    }
}
