using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>What an operator asks a running natt-tun, and how it answers.</summary>
public sealed class ControlTests
{
    [NamespaceFact]
    public void Status_shows_the_peer_and_why_packets_were_dropped()
    {
        using TunnelPair pair = new TunnelPair().With("espmode", "espinudp").Start();
        pair.AssertPings();
        pair.A.Host.Ip($"route add 10.99.0.1 dev {TestPeer.Device}");
        pair.A.Ping("10.99.0.1", "-c", "1", "-W", "1");

        string status = pair.A.Ask("status").OutputOrFail();

        Assert.Contains($"natt0: pid {pair.A.Process.Id}, listening on UDP [::]:1100, up for ", status, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^a +up +192\.0\.2\.2:1100 +espinudp +aes-cbc-hmac-sha256 +\d+(\.\d)? s ago +[\d.]+ ms ", status);
        Assert.Matches(@"(?m)^[1-9]\d* +out +- +NoPeer +No peer's selectors match a packet", status);
    }

    [NamespaceFact]
    public void Status_in_JSON_has_the_counters_of_each_peer()
    {
        using TunnelPair pair = new TunnelPair().Start();
        pair.A.Ping(pair.B.Inner.V4, "-c", "1").OutputOrFail();
        JsonElement before = Status(pair.A);

        pair.A.Ping(pair.B.Inner.V4, "-c", "10", "-i", "0.05", "-s", "100").OutputOrFail();

        JsonElement after = Status(pair.A);
        Assert.Equal("up", after.GetProperty("state").GetString());
        Assert.Equal("192.0.2.2:1100", after.GetProperty("endpoint").GetString());
        Assert.InRange(after.GetProperty("rtt_ms").GetDouble(), 0.001, 1000);
        foreach (string direction in new[] { "in", "out" })
        {
            // At least, for either end may answer the other's probe meanwhile.
            Assert.InRange(Count(after, direction, "packets") - Count(before, direction, "packets"), 10, 20);
            Assert.InRange(Count(after, direction, "octets") - Count(before, direction, "octets"), 10 * 128, 20 * 128);
        }
    }

    [NamespaceFact]
    public void Status_that_watches_reports_every_second_until_Ctrl_C()
    {
        using TunnelPair pair = new TunnelPair().Start();
        using var watch = new BackgroundProcess(
            "status --watch", pair.A.Host.Inside(NattTunProcess.Executable, "status", "--watch", "--json"));

        Wait.Until("three reports", TimeSpan.FromSeconds(10), () => watch.Log.Split('\n').Length >= 3);
        watch.Signal("INT");

        Assert.Equal(0, watch.WaitForExit(TimeSpan.FromSeconds(5)));
        Assert.All(watch.Log.Split('\n'), line => Assert.StartsWith("{\"device\":\"natt0\"", line, StringComparison.Ordinal));
    }

    [NamespaceFact]
    public void Probe_tells_the_round_trip_and_ends_with_0()
    {
        using TunnelPair pair = new TunnelPair().Start();

        CommandResult probe = pair.A.Ask("probe");

        Assert.Matches(@"^a at 192\.0\.2\.2:1100: [\d.]+ ms\n$", probe.OutputOrFail());
    }

    [NamespaceFact]
    public void Probe_asks_the_peers_that_are_named_and_says_which_there_are()
    {
        using TunnelPair pair = new TunnelPair().Start();

        CommandResult unknown = pair.A.Ask("probe", "a", "nobody");

        Assert.Matches(@"^a at 192\.0\.2\.2:1100: [\d.]+ ms\n$", pair.A.Ask("probe", "a", "--tun", "natt0").OutputOrFail());
        Assert.Equal((1, "", "natt-tun: no peer is called 'nobody', there is a\n"), (unknown.ExitCode, unknown.Output, unknown.Error));
    }

    [NamespaceFact]
    public void Probe_of_a_lost_peer_misses_three_times_and_ends_with_1()
    {
        using TunnelPair pair = new TunnelPair().Start();
        pair.B.Process.Kill();

        CommandResult probe = pair.A.Ask("probe");

        Assert.Equal("a at 192.0.2.2:1100: no answer to 3 probes\n", probe.Output);
        Assert.Equal(1, probe.ExitCode);
    }

    [NamespaceFact]
    public void Stop_returns_when_the_process_has_put_everything_away()
    {
        using TunnelPair pair = new TunnelPair().Start();
        string socket = pair.A.SocketOf(TestPeer.Device);
        Assert.True(File.Exists(socket), socket);

        pair.A.Ask("stop").OutputOrFail();

        Assert.False(pair.A.Host.HasDevice(TestPeer.Device));
        Assert.False(File.Exists(socket), socket);
        Assert.True(pair.A.Process.WaitForExit() == 0, pair.A.Process.Log);
        CommandResult again = pair.A.Ask("stop");
        Assert.Equal(1, again.ExitCode);
        Assert.Matches(@"^natt-tun: no natt-tun runs in this network namespace; start one .*\n$", again.Error);
    }

    [NamespaceFact]
    public void Socket_of_a_killed_process_answers_nobody_and_is_replaced()
    {
        using TunnelPair pair = new TunnelPair().Start();
        pair.A.Process.Kill();
        Assert.True(File.Exists(pair.A.SocketOf(TestPeer.Device)));
        foreach (string[] verb in new[] { new[] { "status" }, ["status", "--tun", "natt0"], ["probe"], ["stop"] })
        {
            CommandResult answer = pair.A.Ask(verb);

            Assert.Equal((1, ""), (answer.ExitCode, answer.Output));
            Assert.Equal(
                "natt-tun: no natt-tun runs for natt0 in this network namespace (a stale socket was left by one that was killed: "
                + $"{pair.A.SocketOf(TestPeer.Device)}; the next start replaces it); start one with natt-tun --conf FILE\n",
                answer.Error);
        }

        pair.A.Start();

        Assert.Contains($"pid {pair.A.Process.Id}", pair.A.Ask("status").OutputOrFail(), StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void Of_two_in_one_namespace_the_verb_has_to_say_which()
    {
        using var pair = new TunnelPair();
        using var second = new TestPeer("second", pair.A.Host, new HostAddresses("10.78.0.1", "fd78::1"));
        foreach (string key in new[] { "spi_in", "spi_out", "enc_in", "enc_out", "auth_in", "auth_out" })
        {
            second.Conf[key] = pair.B.Conf[key];
        }

        second.Conf["remote_private_ip"] = "10.78.0.2, fd78::2";
        second.Conf["ori_local_port"] = "1101";
        second.Conf["tun_name"] = "natt1";
        pair.A.Start();
        second.Launch().WaitForLine("device natt1 is up");

        CommandResult status = pair.A.Ask("status");

        Assert.Equal("natt-tun: several natt-tun run in this network namespace, say --tun natt0 or --tun natt1\n", status.Error);
        Assert.Equal(1, status.ExitCode);
        Assert.StartsWith("natt1: ", pair.A.Ask("status", "--tun", "natt1").OutputOrFail(), StringComparison.Ordinal);
        Assert.StartsWith("natt0: ", pair.A.Ask("status", "--conf", pair.A.ConfFile).OutputOrFail(), StringComparison.Ordinal);
        Assert.Contains("never heard", pair.A.Ask("status", "--conf", second.ConfFile).OutputOrFail(), StringComparison.Ordinal);
        second.Process.Stop();
        pair.A.Ask("status").OutputOrFail();
    }

    private static JsonElement Status(TestPeer peer)
    {
        using var report = JsonDocument.Parse(peer.Ask("status", "--json").OutputOrFail());
        return Assert.Single(report.RootElement.GetProperty("peers").EnumerateArray()).Clone();
    }

    private static long Count(JsonElement peer, string direction, string name) => peer.GetProperty(direction).GetProperty(name).GetInt64();
}
