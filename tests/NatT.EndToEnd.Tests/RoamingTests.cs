using System.Diagnostics;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>A peer that is suddenly somewhere else.</summary>
public sealed class RoamingTests
{
    private static readonly TimeSpan MoveLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RebindingLimit = TimeSpan.FromSeconds(2);

    // TCP backs off in the meantime: the retransmission after the recovery may be as far away as the one before.
    private static readonly TimeSpan TcpLimit = 2 * RebindingLimit;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    [NamespaceFact]
    public void Peer_comes_back_on_another_port()
    {
        using TunnelPair pair = new TunnelPair().Start();
        pair.A.Process.Stop();
        pair.A.Conf["ori_local_port"] = "1101";

        pair.A.Start();

        AssertMoved(pair, pair.A.DeviceUpAt, "192.0.2.1", "1101");
    }

    /// <summary>A is the spoke behind the NAT, B the public hub. Twice, for the second move must not find leftovers of the first.</summary>
    [NamespaceTheory]
    [InlineData(Flows.Spokes, false)]
    [InlineData(Flows.Hub, false)]
    [InlineData(Flows.AskingHub, false)]
    [InlineData(Flows.Hub, true)]
    public void Flow_goes_on_within_2_seconds_of_a_NAT_rebinding(string sender, bool outerIPv6)
    {
        NetworkLab lab = NetworkLab.BehindNat();
        using var pair = new TunnelPair(lab);
        (outerIPv6 ? pair.OverIPv6() : pair).B.Conf["remote_public_ip"] = "";
        pair.Start();
        using var flow = new Flows(
            sender, TimeSpan.FromMilliseconds(20), (pair.B.Host, pair.B.Inner.V4), (pair.A.Host, pair.A.Inner.V4));
        flow.FirstArrivalsAfter(0, Patience);

        foreach (int port in new[] { 40001, 40002 })
        {
            long rebound = Stopwatch.GetTimestamp();
            lab.MapTo(port);
            TimeSpan gap = flow.LongestGapsAfter(rebound, TimeSpan.FromSeconds(1), Patience)[0];
            Measured.Print($"sender {sender}, outer IPv{(outerIPv6 ? 6 : 4)}: a gap of {gap.TotalMilliseconds:F0} ms when the NAT rebound");
            Assert.True(gap <= RebindingLimit, $"{gap}\na:\n{pair.A.Process.Log}\nb:\n{pair.B.Process.Log}");
            pair.B.Process.WaitForLine($":{port}", MoveLimit);
        }
    }

    [NamespaceTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Peer_changes_its_address(bool outerIPv6)
    {
        using var pair = new TunnelPair();
        (outerIPv6 ? pair.OverIPv6() : pair).Start();
        pair.AssertPings();

        long moved = Stopwatch.GetTimestamp();
        string address = outerIPv6 ? "2001:db8::77" : "192.0.2.77";
        ChangeAddress(pair.A.Host, outerIPv6 ? "2001:db8::1" : "192.0.2.1", address, outerIPv6 ? "64 nodad" : "24");

        AssertMoved(pair, moved, address, "1100");
    }

    [NamespaceTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Iperf3_survives_a_change_of_the_peers_address(bool moverSends)
    {
        using TunnelPair pair = new TunnelPair().Start();
        (TestPeer sender, TestPeer receiver) = moverSends ? (pair.A, pair.B) : (pair.B, pair.A);

        // The receiver runs the client, which reports what arrived.
        Task<IperfReport> run = Task.Run(() => Iperf.Tcp(receiver, sender, sender.Inner.V4, 7, reverse: true, interval: 0.1));
        Wait.Until("iperf3 is under way", Patience, () => receiver.Host.OctetsReceivedBy(TestPeer.Device) > 20_000_000);
        ChangeAddress(pair.A.Host, "192.0.2.1", "192.0.2.77", "24");
        IperfReport report = await run;

        string role = moverSends ? "sends" : "receives";
        Measured.Print($"the one that moves {role}: longest gap {report.LongestGap.TotalSeconds:F1} s, {report.OctetsAfterGap / 1e6:F0} MB after it");
        pair.B.Process.WaitForLine("peer b moved from 192.0.2.1:1100 to 192.0.2.77:1100", MoveLimit);
        Assert.True(report.LongestGap <= TcpLimit, $"{report.LongestGap}");
        Assert.True(report.OctetsAfterGap > 1_000_000, $"{report.OctetsAfterGap} octets after the gap");
    }

    private static void ChangeAddress(NetworkNamespace host, string from, string to, string suffix)
    {
        host.Ip($"address del {from}/{suffix.Split(' ')[0]} dev {NetworkLab.Outer}");
        host.Ip($"address add {to}/{suffix} dev {NetworkLab.Outer}");
    }

    /// <summary>A has moved and speaks; B follows it.</summary>
    private static void AssertMoved(TunnelPair pair, long movedAt, string address, string port)
    {
        TimeSpan elapsed = pair.A.FirstAnswerAfter(movedAt, pair.B, MoveLimit);
        Measured.Print($"moved to {address} port {port}: first answer {elapsed.TotalMilliseconds:F0} ms later");
        pair.B.Process.WaitForLine("peer b moved", MoveLimit);
        Assert.Contains(address, pair.B.Process.Log, StringComparison.Ordinal);
        Assert.Contains(port, pair.B.Process.Log, StringComparison.Ordinal);
        pair.AssertPings();
    }
}
