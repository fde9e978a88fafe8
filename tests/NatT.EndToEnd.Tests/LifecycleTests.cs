using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>How a natt-tun begins and ends, and what it leaves.</summary>
public sealed class LifecycleTests
{
    [NamespaceTheory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public void Signal_removes_device_addresses_and_routes_and_ends_with_exit_code_0(string signal)
    {
        using TunnelPair pair = new TunnelPair().Start();
        pair.AssertPings();
        Assert.Contains(pair.B.Inner.V4, pair.A.Host.Ip("route show"), StringComparison.Ordinal);

        pair.A.Process.Stop(signal);

        Assert.False(pair.A.Host.HasDevice(TestPeer.Device));
        Assert.DoesNotContain(pair.A.Inner.V4, pair.A.Host.Ip("address show"), StringComparison.Ordinal);
        Assert.DoesNotContain(pair.B.Inner.V4, pair.A.Host.Ip("route show"), StringComparison.Ordinal);
        Assert.DoesNotContain(pair.B.Inner.V6, pair.A.Host.Ip("-6 route show"), StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void Killed_process_leaves_no_device()
    {
        using TunnelPair pair = new TunnelPair().Start();

        pair.A.Process.Kill();

        Assert.False(pair.A.Host.HasDevice(TestPeer.Device));
    }

    [NamespaceFact]
    public void Persistent_device_is_used_as_it_is_and_survives()
    {
        using var pair = new TunnelPair();
        MakePersistentDevice(pair);
        pair.Start();

        pair.AssertPings();
        Assert.Equal(1300, pair.A.Host.MtuOf(TestPeer.Device));
        pair.A.Process.Stop();

        Assert.True(pair.A.Host.HasDevice(TestPeer.Device));
        Assert.Contains(pair.A.Inner.V4, pair.A.Host.Ip("address show"), StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void Persistent_device_made_for_an_unprivileged_user_serves_that_user()
    {
        const int Nobody = 65534;
        using var pair = new TunnelPair();
        MakePersistentDevice(pair, $"user {Nobody}");
        pair.A.GiveTo(Nobody);

        // One capability, for the build may lie in a folder of root's; and a device node as udev makes it, open to all.
        string asNobody = $"setpriv --reuid={Nobody} --regid={Nobody} --clear-groups"
            + " --inh-caps=-all,+dac_read_search --ambient-caps=+dac_read_search";
        pair.A.Start(
            "sh", "-c",
            $"""
            mount -t tmpfs tmpfs /dev/net && mknod -m 666 /dev/net/tun c 10 200 &&
            exec {asNobody} "$@"
            """,
            "sh");
        pair.B.Start();
        pair.A.FirstAnswerAfter(pair.B.DeviceUpAt, pair.B, TimeSpan.FromSeconds(3));
        pair.AssertPings();
        pair.A.Host.Run([.. asNobody.Split(' '), NattTunProcess.Executable, "stop", "--conf", pair.A.ConfFile]).OutputOrFail();
        Assert.True(pair.A.Process.WaitForExit() == 0, pair.A.Process.Log);
    }

    [NamespaceFact]
    public void Without_the_capability_one_line_says_what_is_missing_and_how_to_get_it()
    {
        using var pair = new TunnelPair();

        NattTunProcess process = pair.A.Launch("setpriv", "--inh-caps=-all", "--bounding-set=-all");

        Assert.True(process.WaitForExit() == 1, process.Log);
        string line = Assert.Single(process.Log.Split('\n'), line => line.Contains("CAP_NET_ADMIN", StringComparison.Ordinal));
        Assert.Contains("sudo", line, StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void Without_the_TUN_driver_one_line_says_what_is_missing_and_how_to_get_it()
    {
        using var pair = new TunnelPair();

        NattTunProcess process = pair.A.Launch("sh", "-c", "mount -t tmpfs tmpfs /dev/net && exec \"$@\"", "sh");

        Assert.True(process.WaitForExit() == 1, process.Log);
        string line = Assert.Single(process.Log.Split('\n'), line => line.Contains("/dev/net/tun", StringComparison.Ordinal));
        Assert.Contains("mknod", line, StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void Second_process_on_the_same_record_ends_and_names_the_first()
    {
        using TunnelPair pair = new TunnelPair().Start();
        using var second = new TestPeer("a", pair.A.Host, pair.A.Inner);
        foreach (string key in new[] { "spi", "enc", "auth" })
        {
            second.Conf[$"{key}_in"] = pair.A.Conf[$"{key}_in"];
            second.Conf[$"{key}_out"] = pair.A.Conf[$"{key}_out"];
        }

        second.Conf["state_dir"] = pair.A.Conf["state_dir"];
        second.Conf["remote_private_ip"] = pair.A.Conf["remote_private_ip"];
        second.Conf["remote_public_ip"] = pair.A.Conf["remote_public_ip"];
        // Nothing but the record may be what they quarrel about.
        second.Conf["ori_local_port"] = "1101";
        second.Conf["tun_name"] = "natt1";

        NattTunProcess process = second.Launch();

        Assert.True(process.WaitForExit() == 1, process.Log);
        Assert.Contains($"{pair.A.Process.Id}", process.Log, StringComparison.Ordinal);
        pair.AssertPings();
    }

    [NamespaceFact]
    public void Port_in_use_is_one_line_and_exit_code_1()
    {
        using var pair = new TunnelPair();
        using var squatter = new BackgroundProcess("squatter", pair.A.Host.Inside(
            "/usr/bin/python3", "-uc",
            "import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 1100)); print('bound'); time.sleep(60)"));
        squatter.WaitForLine("bound", TimeSpan.FromSeconds(5));

        NattTunProcess process = pair.A.Launch();

        Assert.Equal(1, process.WaitForExit());
        Assert.Single(process.Log.Split('\n'), line => line.Contains("1100", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", process.Log, StringComparison.Ordinal);
        Assert.False(pair.A.Host.HasDevice(TestPeer.Device));
    }

    [NamespaceFact]
    public void Port_unreachable_from_a_peer_that_is_down_stops_nothing()
    {
        using var pair = new TunnelPair();
        pair.A.Start();
        pair.A.Ping(pair.B.Inner.V4, "-c", "20", "-i", "0.1", "-W", "1");
        Assert.True(pair.A.Host.Counter("Icmp", "InDestUnreachs") > 0, "no ICMP error came");
        Assert.True(pair.A.Process.IsRunning, pair.A.Process.Log);

        pair.B.Start();

        pair.A.FirstAnswerAfter(pair.B.DeviceUpAt, pair.B, TimeSpan.FromSeconds(3));
        pair.AssertPings();
    }

    [NamespaceFact]
    public void Lost_peer_is_said_to_be_lost_and_up_again()
    {
        using var pair = new TunnelPair();
        pair.With("dpd_interval", "1").With("dpd_misses", "2").Start();
        pair.B.Process.Stop();

        pair.A.Process.WaitForLine("peer a is lost", TimeSpan.FromSeconds(10));
        pair.B.Start();

        pair.A.FirstAnswerAfter(pair.B.DeviceUpAt, pair.B, TimeSpan.FromSeconds(3));
        Wait.Until("a says twice that its peer is up", TimeSpan.FromSeconds(3), () => pair.A.Process.Log.Split("peer a is up").Length == 3);
    }

    private static void MakePersistentDevice(TunnelPair pair, string options = "")
    {
        pair.A.Host.Ip($"tuntap add dev {TestPeer.Device} mode tun {options}".TrimEnd());
        pair.A.Host.Ip($"address add {pair.A.Inner.V4}/32 dev {TestPeer.Device}");
        pair.A.Host.Ip($"address add {pair.A.Inner.V6}/128 dev {TestPeer.Device}");
        pair.A.Host.Ip($"link set {TestPeer.Device} mtu 1300 up");
        pair.A.Host.Ip($"route add {pair.B.Inner.V4} dev {TestPeer.Device}");
        pair.A.Host.Ip($"-6 route add {pair.B.Inner.V6} dev {TestPeer.Device}");
    }
}
