using System.Globalization;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>natt-tun under those who start and watch services: what it tells them, a real systemd, a real supervisord.</summary>
public sealed class ServiceTests
{
    private const string Unit = "natt-tun@conf.d";
    private const string Log = "/var/log/natt-tun.log";
    private const string Inner = "10.77.0.2";

    private static readonly TimeSpan RestartLimit = TimeSpan.FromSeconds(15);

    [NamespaceFact]
    public void Service_manager_hears_of_readiness_when_the_device_is_there_and_of_the_stop_before_the_end()
    {
        using var pair = new TunnelPair();
        using var manager = new ServiceManagerSocket();
        pair.A.Launch("env", $"NOTIFY_SOCKET={manager.Address}");

        string ready = manager.Receive();

        // Looked at as soon as it is said.
        string device = pair.A.Host.Ip($"address show dev {TestPeer.Device}");
        string sockets = pair.A.Host.Run("ss", "-Hlun").OutputOrFail();
        Assert.StartsWith($"READY=1\nSTATUS=device {TestPeer.Device} is up: MTU ", ready, StringComparison.Ordinal);
        Assert.Contains("UP", device, StringComparison.Ordinal);
        Assert.Contains(pair.A.Inner.V4, device, StringComparison.Ordinal);
        Assert.Contains(":1100 ", sockets, StringComparison.Ordinal);
        pair.A.Process.Stop();
        Assert.StartsWith("STOPPING=1\n", manager.Receive(), StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void Service_manager_that_is_not_there_is_one_warning_and_the_tunnel_works()
    {
        using var pair = new TunnelPair();
        pair.A.Start("env", "NOTIFY_SOCKET=/nowhere/notify");
        pair.B.Start();
        pair.A.Process.WaitForLine("peer a is up");
        pair.B.Process.WaitForLine("peer b is up");

        pair.AssertPings();

        pair.A.Process.Stop();
        Assert.Single(pair.A.Process.Log.Split('\n'), line => line.Contains("NOTIFY_SOCKET", StringComparison.Ordinal));
    }

    [NamespaceFact]
    public void Unit_is_one_that_systemd_understands()
    {
        using var network = new SampleNetwork();
        Machine machine = network.AddMachine("a");

        CommandResult verify = machine.Run(
            "systemd-analyze", "verify", "--man=no", Path.Combine(Repository.Folder, "samples/systemd/natt-tun@.service"));

        // Of other units of this machine it may complain.
        Assert.DoesNotContain("natt-tun", verify.Output + verify.Error, StringComparison.Ordinal);
        Assert.True(verify.Succeeded, verify.Error);
    }

    [NamespaceFact]
    public void Systemd_starts_what_the_README_installs_and_brings_it_back_after_a_crash()
    {
        (SampleNetwork network, Machine a, _) = SampleNetwork.TwoPeers(withSystemd: true);
        using SampleNetwork disposed = network;

        a.Type(Repository.ReadmeBlock("systemd"), "two-peers/a.conf").OutputOrFail();

        // systemctl has waited for READY=1; nothing here waits for a device.
        Assert.True(a.Network.HasDevice("natt0"));
        Assert.StartsWith("device natt0 is up: ", Show(a, "StatusText"), StringComparison.Ordinal);
        Assert.Equal("enabled", a.Run("systemctl", "is-enabled", Unit).Output.Trim());
        AssertAnswers(network, a);
        string crashed = Show(a, "MainPID");

        a.Run("kill", "-KILL", crashed).OutputOrFail();

        Wait.Until("systemd starts it again", RestartLimit, () => Show(a, "ActiveState") == "active" && Show(a, "MainPID") != crashed);
        AssertAnswers(network, a);
        Assert.Contains("\"system_call_filter\": true", a.Run("natt-tun", "status", "--json").OutputOrFail(), StringComparison.Ordinal);

        a.Run("systemctl", "stop", Unit).OutputOrFail();

        Assert.Equal("success", Show(a, "Result"));
        Assert.Equal("0", Show(a, "ExecMainStatus"));
        Assert.False(a.Network.HasDevice("natt0"));
    }

    [NamespaceFact]
    public void Systemd_does_not_try_a_mistaken_conf_again()
    {
        using var network = new SampleNetwork();
        Machine machine = network.AddMachine("a", withSystemd: true);
        string install = Repository.ReadmeBlock("systemd");

        CommandResult start = machine.Type($"echo colour = green >>peer.conf\n{install}", "two-peers/a.conf");

        Assert.False(start.Succeeded);
        Assert.Equal("failed", Show(machine, "ActiveState"));
        Assert.Equal("2", Show(machine, "ExecMainStatus"));
        Assert.Equal("0", Show(machine, "NRestarts"));
    }

    [NamespaceFact]
    public void Supervisord_starts_what_the_README_installs_and_brings_it_back_after_a_crash()
    {
        (SampleNetwork network, Machine a, _) = SampleNetwork.TwoPeers();
        using SampleNetwork disposed = network;
        using BackgroundProcess supervisord = StartSupervisord(a);

        a.Type(Repository.ReadmeBlock("supervisord"), "two-peers/a.conf").OutputOrFail();

        AssertAnswers(network, a);
        string crashed = Supervisorctl(a, "pid", "natt-tun");
        a.Run("kill", "-KILL", crashed).OutputOrFail();
        Wait.Until("supervisord starts it again", RestartLimit, () => Supervisorctl(a, "pid", "natt-tun") is not "0" and var pid && pid != crashed);
        AssertAnswers(network, a);

        Supervisorctl(a, "stop", "natt-tun");

        Assert.Contains("STOPPED", Supervisorctl(a, "status"), StringComparison.Ordinal);
        supervisord.WaitForLine("stopped: natt-tun (exit status 0)", RestartLimit);
        Assert.False(a.Network.HasDevice("natt0"));
        Assert.Contains("natt-tun: peer peer is up", a.Run("cat", Log).OutputOrFail(), StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void Logrotate_gives_supervisord_a_new_log_and_nothing_is_lost()
    {
        (SampleNetwork network, Machine a, _) = SampleNetwork.TwoPeers();
        using SampleNetwork disposed = network;
        using BackgroundProcess supervisord = StartSupervisord(a);
        a.Type(Repository.ReadmeBlock("supervisord"), "two-peers/a.conf").OutputOrFail();
        AssertAnswers(network, a);
        a.Run("sh", "-c", $"yes line | head -c 6000000 >>{Log}").OutputOrFail();

        a.Run("logrotate", "-f", "-s", "/run/logrotate-state", "/etc/logrotate.d/natt-tun").OutputOrFail();

        Assert.True(SizeOf(a, $"{Log}.1") > 6_000_000);
        Assert.Contains("natt-tun: peer peer is up", a.Run("cat", $"{Log}.1").OutputOrFail(), StringComparison.Ordinal);
        Wait.Until("supervisord opens the new log", RestartLimit, () => supervisord.Says("received SIGUSR2"));
        long rotated = SizeOf(a, $"{Log}.1");
        Supervisorctl(a, "stop", "natt-tun");
        Supervisorctl(a, "start", "natt-tun");
        Wait.Until(
            "natt-tun writes into the new log",
            RestartLimit,
            () => a.Run("cat", Log).Output.Contains("device natt0 is up", StringComparison.Ordinal));
        Assert.Equal(rotated, SizeOf(a, $"{Log}.1"));
    }

    private static void AssertAnswers(SampleNetwork network, Machine machine)
    {
        // A first one, for until its peer has answered a probe it delivers nothing.
        Wait.Until($"{Inner} answers", RestartLimit, () => machine.Network.Run("ping", "-n", "-c", "1", "-W", "1", Inner).Succeeded);
        network.AssertPing(machine.Network, Inner);
    }

    private static BackgroundProcess StartSupervisord(Machine machine)
    {
        var supervisord = new BackgroundProcess(
            "supervisord", machine.Inside("supervisord", "--nodaemon", "--user", "root", "-c", "/etc/supervisor/supervisord.conf"));
        supervisord.WaitForLine("supervisord started", RestartLimit);
        return supervisord;
    }

    private static string Supervisorctl(Machine machine, params string[] words) => machine.Run(["supervisorctl", .. words]).Output.Trim();

    private static string Show(Machine machine, string property) =>
        machine.Run("systemctl", "show", "--value", "-p", property, Unit).OutputOrFail().Trim();

    private static long SizeOf(Machine machine, string file) =>
        long.Parse(machine.Run("stat", "-c", "%s", file).OutputOrFail(), CultureInfo.InvariantCulture);
}
