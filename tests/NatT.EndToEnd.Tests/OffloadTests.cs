using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>Each offload can be switched off for diagnosis, at one end alone, and the tunnel carries what it carried.</summary>
public sealed class OffloadTests
{
    /// <summary>The largest frame of one datagram on the outer link.</summary>
    private const int LongestFrame = 1514;

    [NamespaceTheory]
    [InlineData("no", "no")]
    [InlineData("no", "yes")]
    [InlineData("yes", "no")]
    [InlineData("yes", "yes")]
    public void A_tunnel_carries_all_traffic_whatever_one_end_has_switched_off(string tunOffload, string udpOffload)
    {
        using var pair = new TunnelPair(NetworkLab.Direct(carriesRuns: true));
        pair.A.Conf["tun_offload"] = tunOffload;
        pair.A.Conf["udp_offload"] = udpOffload;
        pair.Start();
        pair.AssertPings();
        (long packets, long octets) = SentBy(pair.A);

        Assert.True(Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V4, seconds: 1).MbitPerSecond > 1);
        (long packetsAfter, long octetsAfter) = SentBy(pair.A);
        Assert.True(Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V6, seconds: 1, reverse: true).MbitPerSecond > 1);
        Assert.InRange(Iperf.Udp(pair.A, pair.B, pair.B.Inner.V6, seconds: 1).MbitPerSecond, 5, 15);
        Assert.InRange(Iperf.Udp(pair.A, pair.B, pair.B.Inner.V4, seconds: 1, reverse: true).MbitPerSecond, 5, 15);

        // The kernel itself is the witness that the switch does what it says.
        string features = pair.A.Host.Run("ethtool", "-k", TestPeer.Device).OutputOrFail();
        Assert.Contains($"tcp-segmentation-offload: {(tunOffload == "yes" ? "on" : "off")}", features, StringComparison.Ordinal);
        double octetsPerSend = (double)(octetsAfter - octets) / (packetsAfter - packets);
        Measured.Print($"tun_offload = {tunOffload}, udp_offload = {udpOffload}: {octetsPerSend:F0} octets in one piece on the outer link");
        Assert.Equal(udpOffload == "yes", octetsPerSend > LongestFrame);
        Assert.All(new[] { pair.A, pair.B }, peer => Assert.DoesNotContain(" is off", peer.Process.Log, StringComparison.Ordinal));
    }

    /// <summary>Over the outer link; what the kernel segments later counts as one packet.</summary>
    private static (long Packets, long Octets) SentBy(TestPeer peer) =>
        (peer.Host.Statistic(NetworkLab.Outer, "tx_packets"), peer.Host.Statistic(NetworkLab.Outer, "tx_bytes"));
}
