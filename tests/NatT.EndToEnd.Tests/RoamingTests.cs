using System.Diagnostics;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>A peer that is suddenly somewhere else.</summary>
public sealed class RoamingTests
{
    private static readonly TimeSpan MoveLimit = TimeSpan.FromSeconds(3);

    [NamespaceFact]
    public void Peer_comes_back_on_another_port()
    {
        using TunnelPair pair = new TunnelPair().Start();
        pair.A.Process.Stop();
        pair.A.Conf["ori_local_port"] = "1101";

        pair.A.Start();

        AssertMoved(pair, pair.A.DeviceUpAt, "192.0.2.1", "1101");
    }

    [NamespaceFact]
    public void Nat_gives_the_peer_another_port()
    {
        NetworkLab lab = NetworkLab.BehindNat();
        using var pair = new TunnelPair(lab);
        pair.B.Conf["remote_public_ip"] = "";
        pair.Start();
        pair.AssertPings();

        long moved = Stopwatch.GetTimestamp();
        lab.MapTo(40001);

        AssertMoved(pair, moved, "192.0.2.1", "40001");
    }

    [NamespaceFact]
    public void Peer_changes_its_address()
    {
        using TunnelPair pair = new TunnelPair().Start();
        pair.AssertPings();

        long moved = Stopwatch.GetTimestamp();
        pair.A.Host.Ip($"address del 192.0.2.1/24 dev {NetworkLab.Outer}");
        pair.A.Host.Ip($"address add 192.0.2.77/24 dev {NetworkLab.Outer}");

        AssertMoved(pair, moved, "192.0.2.77", "1100");
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
