using System.IO.Enumeration;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>What natt-tun check finds on a machine, and that it leaves the machine as it was.</summary>
public sealed class CheckTests
{
    [NamespaceFact]
    public void All_is_well_where_a_tunnel_can_run_and_nothing_is_changed()
    {
        using var pair = new TunnelPair();
        string before = Everything(pair.A);

        CommandResult check = pair.A.Check();

        Assert.Equal("", check.Error);
        Assert.Equal(0, check.ExitCode);
        Assert.EndsWith("all is well\n", check.Output, StringComparison.Ordinal);
        Assert.Contains("ok: MTU through outer: 1500 outer - 20 IPv4 - 8 UDP", check.Output, StringComparison.Ordinal);
        Assert.Equal(before, Everything(pair.A));
        Assert.False(Directory.Exists(pair.A.StateDirectory));
    }

    [NamespaceFact]
    public void Beside_the_running_natt_tun_of_the_conf_what_that_uses_is_no_problem()
    {
        using TunnelPair pair = new TunnelPair().Start();

        CommandResult check = pair.A.Check();

        Assert.Equal("", check.Error);
        Assert.Equal(0, check.ExitCode);
        Assert.Contains($"ok: natt-tun is running (pid {pair.A.Process.Id}, ", check.Output, StringComparison.Ordinal);
        pair.AssertPings();
    }

    [NamespaceFact]
    public void Records_and_port_held_by_another_natt_tun_are_problems_that_name_it()
    {
        using TunnelPair pair = new TunnelPair().Start();
        using var second = new TestPeer("c", pair.A.Host, new HostAddresses("10.77.0.3", "fd77::3"));
        foreach (string key in new[] { "spi_in", "enc_in", "auth_in", "spi_out", "enc_out", "auth_out", "state_dir", "remote_public_ip" })
        {
            second.Conf[key] = pair.A.Conf[key];
        }

        second.Conf["remote_private_ip"] = "10.77.0.4, fd77::4";

        CommandResult check = second.Check();

        Assert.Equal(1, check.ExitCode);
        string[] problems = check.Error.TrimEnd('\n').Split('\n');
        Assert.Equal(3, problems.Length);
        Assert.Contains($"is in use by pid {pair.A.Process.Id}, ", problems[0], StringComparison.Ordinal);
        Assert.Contains("UDP port 1100 is in use", problems[1], StringComparison.Ordinal);
        Assert.Contains("device natt0 is in use by another process", problems[2], StringComparison.Ordinal);
    }

    /// <summary>Each row: what is done to the machine, by sh; what is put into the conf; the one problem that must come out.</summary>
    [NamespaceTheory]
    [InlineData("", "ori_local_public_ip = 192.0.2.99", "192.0.2.99 is not an address of this machine: ip address lists them; *")]
    [InlineData("", "local_default_if = eth9", "this machine has no interface eth9: ip link lists them; set local_default_if *")]
    [InlineData("", "remote_public_ip = 198.51.100.1", "*a.conf: there is no route to 198.51.100.1: ip route get 198.51.100.1; connect the network")]
    [InlineData("", "remote_public_ip = peer.invalid",
        "*a.conf: peer.invalid is not found in the DNS: getent ahosts peer.invalid; correct remote_public_ip, or /etc/resolv.conf")]
    [InlineData("", "tun_name = outer", "outer exists and is no single-queue TUN device: ip -details link show outer; set another tun_name *")]
    [InlineData("", "mtu = 1500", "mtu = 1500 is more than fits a packet through outer (1500 outer - *): leave mtu out, or write 1422")]
    [InlineData("ip link set outer mtu 1300", "",
        "only 1214 octets fit a packet through outer (*), and IPv6 inside needs 1280: raise the MTU of outer, "
        + "or leave IPv6 out of local_private_ip and remote_private_ip")]
    [InlineData("sysctl -qw net.ipv4.ip_forward=0", "local_private_ip = 10.77.0.1, fd77::1, 10.3.0.0/24",
        "10.3.0.0/24 of local_private_ip is a network, but this machine forwards no packets to others: sudo sysctl -w net.ipv4.ip_forward=1")]
    [InlineData("sysctl -qw net.ipv6.conf.default.disable_ipv6=1", "",
        "IPv6 is off on this machine, so fd77::1 cannot be used: sudo sysctl -w net.ipv6.conf.default.disable_ipv6=0, "
        + "or leave IPv6 out of local_private_ip and remote_private_ip")]
    [InlineData("ip tuntap add dev wg0 mode tun && ip link set wg0 up && ip route add 10.5.0.0/16 dev wg0",
        "remote_private_ip = 10.77.0.2, fd77::2, 10.5.0.0/16",
        "10.5.0.0/16 of remote_private_ip is routed into wg0 already: ip route show 10.5.0.0/16; "
        + "end what made that route, such as another VPN, or correct remote_private_ip")]
    [InlineData("ip tuntap add dev wg0 mode tun && ip link set wg0 up && ip route add 10.5.0.0/16 dev wg0 table 52",
        "remote_private_ip = 10.77.0.2, fd77::2, 10.5.0.0/16",
        "10.5.0.0/16 of remote_private_ip is routed into wg0 already: ip route show 10.5.0.0/16 table 52; "
        + "end what made that route, such as another VPN, or correct remote_private_ip")]
    [InlineData("ip tuntap add dev wg0 mode tun && ip link set wg0 up && ip route add 10.5.7.0/24 dev wg0",
        "remote_private_ip = 10.77.0.2, fd77::2, 10.5.0.0/16",
        "10.5.7.0/24, a part of 10.5.0.0/16 in remote_private_ip, is routed into wg0: ip route show 10.5.7.0/24; "
        + "end what made that route, such as another VPN, or write networks that leave it out")]
    [InlineData("ip tuntap add dev wg0 mode tun && ip link set wg0 up && ip route add fd05:7::/32 dev wg0",
        "remote_private_ip = 10.77.0.2, fd77::2, fd05::/16",
        "fd05:7::/32, a part of fd05::/16 in remote_private_ip, is routed into wg0: ip -6 route show fd05:7::/32; "
        + "end what made that route, such as another VPN, or write networks that leave it out")]
    [InlineData("ip route add blackhole 10.5.7.0/24", "remote_private_ip = 10.77.0.2, fd77::2, 10.5.0.0/16",
        "10.5.7.0/24, a part of 10.5.0.0/16 in remote_private_ip, is routed into nowhere: ip route show 10.5.7.0/24; "
        + "end what made that route, such as another VPN, or write networks that leave it out")]
    [InlineData("ip address add 10.77.0.2/32 dev lo", "",
        "10.77.0.2 of remote_private_ip is an address of this machine: ip route get 10.77.0.2; write the peer's")]
    [InlineData("mount -t tmpfs tmpfs /dev/net", "", "this machine has no /dev/net/tun: sudo mkdir -p /dev/net && sudo mknod *")]
    [InlineData("mkdir STATE && mount --bind -o ro STATE STATE", "",
        "state_dir STATE: STATE is on a file system mounted read-only: mount it writable (access: EROFS, *); or set another state_dir")]
    [InlineData("mkdir STATE && mount -t tmpfs -o size=64k,mode=700 tmpfs STATE", "",
        "state_dir STATE: only 64 KiB are free there; free some space, or set state_dir to a directory on another disk")]
    [InlineData("mkdir -m 777 STATE", "", "state_dir STATE: others than its owner may write to it; run: chmod go-w 'STATE'")]
    [InlineData("mkdir STATE && install -m 660 /dev/null STATE/lock", "",
        "state_dir STATE: others than the owner may open lock; run: chmod 600 'STATE/lock'")]
    [InlineData("mkdir STATE && chown 12345 STATE", "",
        "state_dir STATE belongs to user 12345, neither root nor you: chown it, or name another state_dir in the conf")]
    public void Problem_of_the_machine_is_one_line_with_its_remedy_and_exit_code_1(string spoil, string confLine, string problem)
    {
        using var pair = new TunnelPair();
        string state = pair.A.StateDirectory;
        if (confLine.Split(" = ", 2) is [string key, string value])
        {
            pair.A.Conf[key] = value;
        }

        string script = $"{(spoil.Length > 0 ? spoil : "true")} && exec \"$@\"".Replace("STATE", state, StringComparison.Ordinal);
        CommandResult check = pair.A.Check("sh", "-c", script, "sh");

        Assert.Equal(1, check.ExitCode);
        string wanted = "problem: " + problem.Replace("STATE", state, StringComparison.Ordinal);
        Assert.True(
            FileSystemName.MatchesSimpleExpression(wanted, check.Error.TrimEnd('\n'), ignoreCase: false), $"wanted: {wanted}\ngot: {check.Error}");
    }

    [NamespaceFact]
    public void Without_the_capability_one_line_says_what_is_missing()
    {
        using var pair = new TunnelPair();

        CommandResult check = pair.A.Check("setpriv", "--inh-caps=-all", "--bounding-set=-all");

        Assert.Equal(1, check.ExitCode);
        Assert.StartsWith("problem: creating device natt0 needs CAP_NET_ADMIN: run as root (sudo), ", check.Error, StringComparison.Ordinal);
        Assert.Equal(1, check.Error.Count(c => c == '\n'));
    }

    [NamespaceFact]
    public void Address_that_another_interface_has_too_is_a_note()
    {
        using var pair = new TunnelPair();
        pair.A.Host.Ip("address add 10.77.0.1/32 dev lo");

        CommandResult check = pair.A.Check();

        Assert.Equal((0, ""), (check.ExitCode, check.Error));
        Assert.Contains("note: 10.77.0.1 of local_private_ip is on lo too", check.Output, StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void Wider_routes_and_networks_of_our_own_are_no_problem_but_own_ones_within_the_peers_are_told()
    {
        using var pair = new TunnelPair();
        pair.A.Conf["local_private_ip"] = "10.77.0.1, fd77::1, 10.5.3.0/24";
        pair.A.Conf["remote_private_ip"] = "10.77.0.2, fd77::2, 10.5.0.0/16";
        pair.A.Host.Ip("tuntap add dev lan0 mode tun");
        pair.A.Host.Ip("link set lan0 up");
        pair.A.Host.Ip("address add 10.5.9.1/24 dev lan0");
        pair.A.Host.Ip("route add 10.5.3.0/24 dev lan0");
        pair.A.Host.Ip("route add 10.0.0.0/8 dev lan0");

        CommandResult check = pair.A.Check("sh", "-c", "sysctl -qw net.ipv4.ip_forward=1 && exec \"$@\"", "sh");

        Assert.Equal((0, ""), (check.ExitCode, check.Error));
        Assert.Contains(
            "note: 10.5.9.0/24, a part of 10.5.0.0/16 in remote_private_ip, is a network that this machine is on by lan0: "
            + "packets to it stay out of the tunnel\n",
            check.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("10.5.3.0/24, a part of", check.Output, StringComparison.Ordinal);
    }

    // A link-local address stops being tentative by itself, whatever check does meanwhile.
    private static string Everything(TestPeer peer) =>
        peer.Host.Ip("link show") + peer.Host.Ip("address show").Replace(" tentative", "", StringComparison.Ordinal)
        + peer.Host.Ip("route show") + peer.Host.Ip("-6 route show");
}
