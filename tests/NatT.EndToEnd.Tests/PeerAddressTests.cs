using System.Diagnostics;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>How a peer's address is found: looked up, or waited for.</summary>
public sealed class PeerAddressTests
{
    private const string Name = "peer.example";

    // A name is looked up every ten seconds; a candidate is probed at once, the pace of probes being a second.
    private static readonly TimeSpan LookUpLimit = TimeSpan.FromSeconds(15);

    [NamespaceFact]
    public void Name_is_looked_up_again_once_the_peer_is_lost()
    {
        using var pair = new TunnelPair();
        using var names = new NameServer(pair.A.Host);
        names.Set(Name, "192.0.2.2");
        pair.With("dpd_interval", "1").With("dpd_misses", "2");
        pair.A.Conf["remote_public_ip"] = Name;
        pair.Start();
        pair.B.Process.Stop();
        pair.A.Process.WaitForLine("peer a is lost", LookUpLimit);

        // It says nothing by itself where it is now: it waits.
        pair.B.Conf["remote_public_ip"] = "";
        pair.B.Host.Ip($"address del 192.0.2.2/24 dev {NetworkLab.Outer}");
        pair.B.Host.Ip($"address add 192.0.2.78/24 dev {NetworkLab.Outer}");
        pair.B.Start();
        long changed = Stopwatch.GetTimestamp();
        names.Set(Name, "192.0.2.78");

        pair.A.Process.WaitForLine("peer a moved from 192.0.2.2:1100 to 192.0.2.78:1100", LookUpLimit);
        Measured.Print($"back {Stopwatch.GetElapsedTime(changed).TotalSeconds:F1} s after the name led elsewhere");
        pair.AssertPings();
    }

    [NamespaceFact]
    public void Name_that_does_not_resolve_at_the_start_is_found_later()
    {
        using var pair = new TunnelPair();
        using var names = new NameServer(pair.A.Host);
        pair.A.Conf["remote_public_ip"] = Name;
        pair.B.Conf["remote_public_ip"] = "";
        pair.B.Start();
        pair.A.Start();
        pair.A.Process.WaitForLine($"{Name} does not resolve", LookUpLimit);

        names.Set(Name, "2001:db8::2");

        pair.A.Process.WaitForLine("peer a is up at [2001:db8::2]:1100", LookUpLimit);
        pair.B.Process.WaitForLine("peer b is up at [2001:db8::1]:1100", LookUpLimit);
        pair.AssertPings();
    }

    [NamespaceFact]
    public void End_that_waits_says_nothing_until_the_peer_has_come()
    {
        using var pair = new TunnelPair().With("keepalive", "1");
        pair.B.Conf["remote_public_ip"] = "";
        using (var capture = new Capture(pair.A.Host, NetworkLab.Outer, "udp port 1100"))
        {
            pair.B.Start();
            pair.B.Ping(pair.A.Inner.V4, "-c", "2", "-W", "1");
            capture.Stop().AssertNone("");
        }

        Assert.Matches(@"(?m)^2 +out +b +NoEndpoint ", pair.B.Ask("status").OutputOrFail());
        pair.A.Start();

        pair.B.Process.WaitForLine("peer b is up at 192.0.2.1:1100", LookUpLimit);
        pair.AssertPings();
    }

    [NamespaceFact]
    public void Tunnel_over_IPv6_carries_pings_and_iperf3()
    {
        using TunnelPair pair = new TunnelPair().OverIPv6().Start();
        using var capture = new Capture(pair.A.Host, NetworkLab.Outer);

        pair.AssertPings();
        IperfReport there = Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V4, 1);
        IperfReport back = Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V6, 1, reverse: true);

        capture.Stop();
        Measured.Print($"TCP over outer IPv6: {there.MbitPerSecond:F0} Mbit/s there, {back.MbitPerSecond:F0} Mbit/s back");
        Assert.True(capture.Count("ip6 and udp port 1100") > 1000);
        capture.AssertNone("not icmp6 and not ip6 multicast and not (ip6 and udp src port 1100 and udp dst port 1100)");
    }
}
