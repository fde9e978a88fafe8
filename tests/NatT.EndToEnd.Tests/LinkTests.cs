using System.Globalization;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>What the link between the hosts shows, and what it must never show.</summary>
public sealed class LinkTests
{
    /// <summary>The pings of these tests, and no probe of the path's MTU.</summary>
    private const string Long = "greater 777 and less 1000";

    [NamespaceFact]
    public void Only_UDP_port_1100_is_on_the_link()
    {
        using var pair = new TunnelPair();
        foreach (TestPeer peer in new[] { pair.A, pair.B })
        {
            // The kernel's own neighbour discovery would be there too.
            peer.Host.Run("sysctl", "-q", "-w", $"net.ipv6.conf.{NetworkLab.Outer}.disable_ipv6=1").OutputOrFail();
        }

        pair.Start();
        using var capture = new Capture(pair.A.Host, NetworkLab.Outer);

        pair.AssertPings();
        Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V4, 2);
        Iperf.Udp(pair.A, pair.B, pair.B.Inner.V6, 2, reverse: true);

        capture.Stop();
        Assert.True(capture.Count("udp src port 1100 and udp dst port 1100") > 100);
        capture.AssertNone("not arp and not (udp src port 1100 and udp dst port 1100)");
    }

    [NamespaceFact]
    public void Packets_of_exactly_the_devices_MTU_pass_and_nothing_is_fragmented()
    {
        using TunnelPair pair = new TunnelPair().Start();
        using var capture = new Capture(pair.A.Host, NetworkLab.Outer);

        AssertFullSizePings(pair.A, pair.B);
        AssertFullSizePings(pair.B, pair.A);
        Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V4, 2);

        capture.Stop();
        capture.AssertNone("ip[6:2] & 0x3fff != 0");
        // DF: the path may not fragment them either.
        capture.AssertNone("udp port 1100 and ip[6] & 0x40 = 0");
        Assert.True(capture.Count("udp port 1100 and greater 1400") > 40);
    }

    [NamespaceFact]
    public void Packet_outside_the_senders_selectors_is_not_sent()
    {
        using TunnelPair pair = new TunnelPair().Start();
        pair.A.Host.Ip($"route add 10.99.0.0/24 dev {TestPeer.Device}");
        pair.A.Host.Ip("address add 10.55.0.1/32 dev lo");

        using (var capture = new Capture(pair.A.Host, NetworkLab.Outer, Long))
        {
            pair.A.Ping("10.99.0.1", "-c", "3", "-i", "0.05", "-W", "1", "-s", "777");
            pair.A.Ping(pair.B.Inner.V4, "-I", "10.55.0.1", "-c", "3", "-i", "0.05", "-W", "1", "-s", "777");
            capture.Stop().AssertNone("");
        }

        using (var capture = new Capture(pair.A.Host, NetworkLab.Outer, Long))
        {
            pair.A.Ping(pair.B.Inner.V4, "-c", "3", "-i", "0.2", "-s", "777");
            Assert.Equal(6, capture.Stop().Count());
        }
    }

    [NamespaceFact]
    public void Packet_outside_the_receivers_selectors_is_not_delivered()
    {
        using var pair = new TunnelPair();
        pair.A.Conf["remote_private_ip"] += ", 10.99.0.1";
        pair.Start();
        pair.B.Host.Ip("address add 10.99.0.1/32 dev lo");
        using var inner = new Capture(pair.B.Host, TestPeer.Device);

        CommandResult outside = pair.A.Ping("10.99.0.1", "-c", "3", "-i", "0.05", "-W", "1");
        pair.AssertPings();

        inner.Stop();
        Assert.False(outside.Succeeded);
        inner.AssertNone("host 10.99.0.1");
        Assert.True(inner.Count($"host {pair.A.Inner.V4}") >= 20);
    }

    private static void AssertFullSizePings(TestPeer from, TestPeer to)
    {
        int mtu = from.Host.MtuOf(TestPeer.Device);
        foreach ((string address, int headers) in new[] { (to.Inner.V4, 20 + 8), (to.Inner.V6, 40 + 8) })
        {
            string size = (mtu - headers).ToString(CultureInfo.InvariantCulture);
            string ping = from.Ping(address, "-M", "do", "-s", size, "-c", "5", "-i", "0.2").OutputOrFail();
            Assert.Contains(" 5 received", ping, StringComparison.Ordinal);
        }
    }
}
