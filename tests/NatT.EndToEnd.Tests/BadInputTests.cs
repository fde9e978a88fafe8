using System.IO.Enumeration;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>
/// Machines on which natt-tun cannot run: the line each draws, whole, and the exit code. Bad confs, files and arguments, which need
/// no machine of their own, are among the tests of NatT.Cli.
/// </summary>
public sealed class BadInputTests
{
    private const string WithoutCapabilities = "setpriv --inh-caps=-all --bounding-set=-all";

    /// <summary>Each row: what is done to the machine, by sh; what is put into the conf; the line that ends it.</summary>
    [NamespaceTheory]
    [InlineData("", "ori_local_public_ip = 192.0.2.99",
        "192.0.2.99 is not an address of this machine: ip address lists them; correct ori_local_public_ip, or leave it empty for any "
        + "(bind 192.0.2.99:1100: EADDRNOTAVAIL, Cannot assign requested address)")]
    [InlineData("", "local_default_if = eth9",
        "this machine has no interface eth9: ip link lists them; set local_default_if (SO_BINDTODEVICE eth9: ENODEV, No such device)")]
    [InlineData("", "tun_name = outer",
        "outer exists and is no single-queue TUN device: ip -details link show outer; set another tun_name "
        + "(TUNSETIFF outer: EINVAL, Invalid argument)")]
    [InlineData("ip tuntap add dev tap0 mode tap", "tun_name = tap0",
        "tap0 exists and is no single-queue TUN device: ip -details link show tap0; set another tun_name "
        + "(TUNSETIFF tap0: EINVAL, Invalid argument)")]
    [InlineData("ip link set outer mtu 1300", "",
        "the path to the peer leaves room for packets of 1214 octets, and IPv6 needs 1280: use IPv4 inside the tunnel, "
        + "or raise the MTU of outer")]
    [InlineData("sysctl -qw net.ipv6.conf.default.disable_ipv6=1", "",
        "IPv6 is off on this machine, so fd77::1 cannot be used: sudo sysctl -w net.ipv6.conf.all.disable_ipv6=0 "
        + "net.ipv6.conf.default.disable_ipv6=0, or leave IPv6 out of local_private_ip (RTM_NEWADDR*: EACCES, Permission denied)")]
    [InlineData("ip tuntap add dev wg0 mode tun && ip link set wg0 up && ip route add 10.77.0.2 dev wg0", "",
        "a route to 10.77.0.2/32 exists already: ip route show 10.77.0.2/32; remove it, or correct remote_private_ip "
        + "(RTM_NEWROUTE*: EEXIST, File exists)")]
    [InlineData("mount -t tmpfs tmpfs /dev/net", "",
        "this machine has no /dev/net/tun: sudo mkdir -p /dev/net && sudo mknod -m 666 /dev/net/tun c 10 200, "
        + "or start the container with --device /dev/net/tun (open /dev/net/tun: ENOENT, No such file or directory)")]
    [InlineData("mkdir STATE && mount --bind -o ro STATE STATE", "",
        "state_dir STATE: Read-only file system; mount it writable, or set state_dir to a directory on a writable disk")]
    [InlineData("mkdir STATE && mount -t tmpfs -o size=4k,mode=700 tmpfs STATE && ! head -c 1M /dev/zero >STATE/fill 2>/dev/null", "",
        "state_dir STATE: No space left on device; free some space, or set state_dir to a directory on another disk")]
    [InlineData("touch STATE", "", "state_dir STATE is a file: remove it, or name a folder as state_dir")]
    [InlineData("", "state_dir = /proc/natt-tun",
        "state_dir /proc/natt-tun: *; set state_dir to a directory on a local disk that natt-tun may write to")]
    [InlineData("mkdir -m 777 STATE", "", "state_dir STATE: others than its owner may write to it; run: chmod go-w 'STATE'")]
    [InlineData("mkdir STATE && install -m 640 /dev/null STATE/journal && install -m 604 /dev/null STATE/tops", "",
        "state_dir STATE: others than the owner may open journal, tops; run: chmod 600 'STATE/journal' 'STATE/tops'")]
    [InlineData("mkdir STATE && chown 12345 STATE", "",
        "state_dir STATE belongs to user 12345, neither root nor you: chown it, or name another state_dir in the conf")]
    public void Machine_draws_this_line_and_exit_code_1(string spoil, string confLine, string line) =>
        AssertEnds(spoil, confLine, through: "", exitCode: 1, "natt-tun: error: " + line);

    [NamespaceTheory]
    [InlineData("", "",
        "creating device natt0 needs CAP_NET_ADMIN: run as root (sudo), or sudo setcap cap_net_admin+ep on the program, "
        + "or make a persistent device: sudo ip tuntap add dev natt0 mode tun user USER (TUNSETIFF natt0: EPERM, Operation not permitted)")]
    [InlineData("", "ori_local_port = 80",
        "UDP port 80 is below 1024 and needs CAP_NET_BIND_SERVICE: run as root, or set a higher ori_local_port "
        + "(bind [::]:80: EACCES, Permission denied)")]
    [InlineData("mount -t tmpfs tmpfs /dev/net && mknod -m 000 /dev/net/tun c 10 200", "",
        "/dev/net/tun is not open to user 0: run as root (sudo), or sudo chmod 666 /dev/net/tun; in a container --device /dev/net/tun "
        + "(open /dev/net/tun: EACCES, Permission denied)")]
    [InlineData("mkdir -m 500 STATE", "",
        "state_dir STATE: Access to the path 'STATE/lock' is denied; start natt-tun as the directory's owner, "
        + "or set state_dir to a directory of your own")]
    public void Missing_permission_draws_this_line_and_exit_code_1(string spoil, string confLine, string line) =>
        AssertEnds(spoil, confLine, WithoutCapabilities, exitCode: 1, "natt-tun: error: " + line);

    [NamespaceTheory]
    [InlineData("chmod 000 CONF", "CONF: permission denied, start natt-tun as the file's owner or as root")]
    [InlineData("chmod 644 CONF", "CONF: accessible to others than its owner, run: chmod 600 CONF")]
    [InlineData("chown 12345 CONF && chmod 600 CONF",
        "CONF: belongs to uid 12345, neither root nor the user starting natt-tun, run: chown root CONF")]
    public void Conf_out_of_hand_draws_this_line_and_exit_code_2(string spoil, string line)
    {
        string through = spoil.StartsWith("chmod 000", StringComparison.Ordinal) ? WithoutCapabilities : "";
        AssertEnds(spoil, confLine: "", through, exitCode: 2, line);
    }

    [NamespaceFact]
    public void Port_in_use_draws_this_line_and_exit_code_1()
    {
        using TunnelPair pair = new TunnelPair().Start();
        using var second = new TestPeer("c", pair.A.Host, pair.A.Inner);
        foreach (string key in new[] { "spi_in", "enc_in", "auth_in", "spi_out", "enc_out", "auth_out", "remote_private_ip" })
        {
            second.Conf[key] = pair.A.Conf[key];
        }

        NattTunProcess process = second.Launch();

        Assert.Equal(1, process.WaitForExit());
        Assert.Equal(
            "natt-tun: error: UDP port 1100 is in use: ss -lunp 'sport = :1100' tells by whom; stop that, or set another ori_local_port "
            + "(bind [::]:1100: EADDRINUSE, Address already in use)",
            process.Log.Split('\n')[^1]);
    }

    private static void AssertEnds(string spoil, string confLine, string through, int exitCode, string line)
    {
        using var pair = new TunnelPair();
        TestPeer peer = pair.A;
        if (confLine.Split(" = ", 2) is [string key, string value])
        {
            peer.Conf[key] = value;
        }

        string script = $"{(spoil.Length > 0 ? spoil : "true")} && exec {through} \"$@\"";
        NattTunProcess process = peer.Launch("sh", "-c", InPlace(script), "sh");
        int ended = process.WaitForExit();

        string last = process.Log.Split('\n')[^1];
        string wanted = InPlace(line);
        Assert.True(
            wanted.Contains('*', StringComparison.Ordinal)
                ? FileSystemName.MatchesSimpleExpression(wanted, last, ignoreCase: false)
                : wanted == last,
            $"wanted: {wanted}\ngot: {process.Log}");
        Assert.Equal(exitCode, ended);
        Assert.False(process.Says("   at "), process.Log);
        Assert.False(peer.Host.HasDevice(TestPeer.Device));

        string InPlace(string text) => text
            .Replace("STATE", peer.StateDirectory, StringComparison.Ordinal)
            .Replace("CONF", peer.ConfFile, StringComparison.Ordinal);
    }
}
