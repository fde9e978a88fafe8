using System.Globalization;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>Outer interfaces that change while the tunnel runs. Over IPv4 1422 octets fit 1500 outside, 1310 fit 1400, with room for the marker.</summary>
public sealed class InterfaceMtuTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [NamespaceFact]
    public void Device_follows_the_outer_interface_up_and_down()
    {
        using var pair = new TunnelPair();
        SetOuter(pair, 1400);
        pair.Start();
        AssertCarries(pair, 1310);

        SetOuter(pair, 1500);
        AssertCarries(pair, 1422);
        pair.A.Process.WaitForLine($"device {TestPeer.Device} has MTU 1422 now, not 1310: packets of 1422 octets fit through outer", Limit);

        SetOuter(pair, 1400);
        AssertCarries(pair, 1310);

        // IPv6 needs 1280 octets, and the kernel would take its addresses away.
        SetOuter(pair, 1300);
        WaitForDevice(pair, 1280);
        SetOuter(pair, 1500);
        WaitForDevice(pair, 1422);
        pair.AssertPings();
    }

    [NamespaceFact]
    public void Device_follows_a_route_that_moves_to_another_interface()
    {
        const string addressOfA = "203.0.113.1";
        const string addressOfB = "203.0.113.2";
        using var pair = new TunnelPair();
        NetworkLab.Join(pair.A.Host, "outer2", pair.B.Host, "outer2");
        SetOuter(pair, 1400);
        Place(pair.A, addressOfA, "198.51.100.1", addressOfB, "192.0.2.2");
        Place(pair.B, addressOfB, "198.51.100.2", addressOfA, "192.0.2.1");
        pair.Start();
        AssertCarries(pair, 1310);

        pair.A.Host.Ip($"route replace {addressOfB} via 198.51.100.2");
        pair.B.Host.Ip($"route replace {addressOfA} via 198.51.100.1");

        AssertCarries(pair, 1422);
        pair.A.Process.WaitForLine("fit through outer2", Limit);
    }

    [NamespaceFact]
    public void With_the_confs_mtu_the_device_keeps_it_and_the_peers_limit_follows()
    {
        using TunnelPair pair = new TunnelPair().With("mtu", "1350").Start();
        AssertCarries(pair, 1350);

        SetOuter(pair, 1300);
        pair.A.Process.WaitForLine($"fit through outer now, not 1350; device {TestPeer.Device} keeps its MTU", Limit);
        Assert.Equal(1350, pair.A.Host.MtuOf(TestPeer.Device));
        Wait.Until("longer packets are refused", Limit, () => Ping(pair.A, pair.B, 1350).Contains("Frag needed", StringComparison.Ordinal));

        SetOuter(pair, 1500);
        AssertCarries(pair, 1350);
    }

    private static void SetOuter(TunnelPair pair, int mtu)
    {
        string set = $"link set {NetworkLab.Outer} mtu {mtu}";
        Command.Run("sh", "-c", $"ip -n {pair.A.Host.Name} {set} && ip -n {pair.B.Host.Name} {set}").OutputOrFail();
    }

    private static void Place(TestPeer peer, string address, string onSecondLink, string other, string by)
    {
        peer.Host.Ip($"address add {address}/32 dev lo");
        peer.Host.Ip($"address add {onSecondLink}/24 dev outer2");
        peer.Host.Ip($"route add {other} via {by}");
        peer.Conf["ori_local_public_ip"] = address;
        peer.Conf["remote_public_ip"] = other;
    }

    private static void WaitForDevice(TunnelPair pair, int mtu)
    {
        foreach (TestPeer peer in new[] { pair.A, pair.B })
        {
            Wait.Until($"{peer.Name}'s device has MTU {mtu}", Limit, () => peer.Host.MtuOf(TestPeer.Device) == mtu);
        }
    }

    /// <summary>The device of each has that MTU, and packets of that size pass, longer ones do not.</summary>
    private static void AssertCarries(TunnelPair pair, int mtu)
    {
        WaitForDevice(pair, mtu);
        foreach ((TestPeer from, TestPeer to) in new[] { (pair.A, pair.B), (pair.B, pair.A) })
        {
            Wait.Until(
                $"packets of {mtu} octets pass from {from.Name}",
                Limit,
                () => Ping(from, to, mtu).Contains(" 1 received", StringComparison.Ordinal));
            Assert.Contains($"mtu={mtu}", Ping(from, to, mtu + 1), StringComparison.Ordinal);
        }
    }

    private static string Ping(TestPeer from, TestPeer to, int octets)
    {
        const int headers = 20 + 8;
        string size = (octets - headers).ToString(CultureInfo.InvariantCulture);

        // What a host was once told of a path it would hold to for ten minutes.
        from.Host.Ip("route flush cache");
        to.Host.Ip("route flush cache");
        CommandResult ping = from.Ping(to.Inner.V4, "-M", "do", "-s", size, "-c", "1");
        return ping.Output + ping.Error;
    }
}
