using System.Globalization;
using System.Text.RegularExpressions;
using NatT.Kernel.Tests.Exports;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Matrix;

namespace NatT.Kernel.Tests;

/// <summary>A kernel does what <c>natt-tun export xfrm</c> says, and <c>natt-tun import xfrm</c> reads it back.</summary>
public sealed class ExportTests(ExportSession session) : IClassFixture<ExportSession>
{
    public static TheoryData<string> Algorithms => [.. ExportedPeer.Algorithms.Select(algorithm => algorithm.Name)];

    [KernelTheory]
    [MemberData(nameof(Algorithms))]
    public void Pings_pass_between_natt_tun_and_the_kernel_that_was_told_by_export(string algorithm) =>
        session.AssertEchoes(session.Find(algorithm));

    [KernelTheory]
    [MemberData(nameof(Algorithms))]
    public void What_the_kernel_says_of_the_far_end_is_the_conf_with_its_directions_exchanged(string algorithm)
    {
        ExportedPeer peer = session.Find(algorithm);

        AssertSame(peer.ExpectedOfFarEnd(), session.Imported(peer.SpiFromKernel(own: false)));
    }

    [KernelTheory]
    [MemberData(nameof(Algorithms))]
    public void What_the_kernel_says_of_this_end_is_the_conf(string algorithm)
    {
        ExportedPeer peer = session.Find(algorithm);

        AssertSame(peer.ExpectedOfThisEnd(), session.Imported(peer.SpiToKernel(own: true)));
    }

    [KernelFact]
    public void What_the_kernel_says_of_transport_mode_is_the_conf_with_its_directions_exchanged() =>
        AssertSame(session.ExpectedTransport(), session.ImportedTransport());

    [KernelFact]
    public void Pings_pass_in_transport_mode_too() => session.AssertTransport();

    [KernelFact]
    public void A_kernel_that_lost_its_states_goes_on_above_its_numbers_and_below_none_of_ours()
    {
        // Without ESN and with the smallest window: any wrong number would be refused.
        ExportedPeer peer = session.Peers[0];
        session.AssertEchoes(peer);
        ulong sentBefore = Number(session.Guest.Ip($"-d xfrm state get dst {KernelLab.OuterOfA.V4} proto esp spi {peer.SpiFromKernel(own: false)}"));
        foreach ((string destination, string spi) in new[]
        {
            (KernelLab.OuterOfA.V4, peer.SpiFromKernel(own: false)), (KernelLab.OuterOfGuest.V4, peer.SpiToKernel(own: false)),
        })
        {
            session.Guest.Ip($"xfrm state delete dst {destination} proto esp spi {spi}");
        }

        foreach ((string own, string kernel) in new[] { (MatrixPeer.OwnInner.V4, peer.Inner.V4), (MatrixPeer.OwnInner.V6, peer.Inner.V6) })
        {
            session.Guest.Ip($"xfrm policy delete src {kernel} dst {own} dir out");
            session.Guest.Ip($"xfrm policy delete src {own} dst {kernel} dir in");
        }

        string script = session.Export("running", "far", peer);

        Assert.True(Word(script, "replay-oseq") > sentBefore, $"the kernel had sent {sentBefore}:\n{Redacted(script)}");
        Assert.True(Word(script, "replay-seq") > 32, Redacted(script));
        session.AssertEchoes(peer);
    }

    private static void AssertSame(Dictionary<string, string> expected, Dictionary<string, string> imported)
    {
        imported.Remove("state_dir");
        Assert.Equal(expected.OrderBy(entry => entry.Key, StringComparer.Ordinal), imported.OrderBy(entry => entry.Key, StringComparer.Ordinal));
    }

    /// <summary>The kernel's count of what it sent.</summary>
    private static ulong Number(string state) =>
        ulong.Parse(Regex.Match(state, " oseq 0x([0-9a-f]+)").Groups[1].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static ulong Word(string script, string name) =>
        ulong.Parse(Regex.Match(script, $" {name} ([0-9]+) ").Groups[1].Value, CultureInfo.InvariantCulture);

    private static string Redacted(string script) => Regex.Replace(script, "0x[0-9a-f]{16,}", "KEY");
}
