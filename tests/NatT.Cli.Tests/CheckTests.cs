using System.Globalization;
using NatT.Cli.Checks;
using NatT.Tunnel.Configuration;

namespace NatT.Cli.Tests;

/// <summary>Of natt-tun check what needs no machine of its own; the rest is among the end-to-end tests.</summary>
public sealed class CheckTests
{
    [Fact]
    public async Task Problems_of_a_conf_come_alone_with_exit_code_2()
    {
        using var folder = new TemporaryFolder();
        await Command.RunAsync("keygen", "--out", folder.Path, "--state-dir", folder["state"]);
        await File.AppendAllTextAsync(folder["here.conf"], "mtu = huge\nesn = maybe\n");
        int lines = File.ReadLines(folder["here.conf"]).Count();

        (int exitCode, string output, string errors) = await Command.RunAsync("check", "--conf", folder["here.conf"]);

        Assert.Equal(2, exitCode);
        Assert.Equal("", output);
        Assert.Equal(
            $"""
            {folder["here.conf"]}:{lines - 1}: mtu: 'huge' is no whole number, write one from 1280 to 65535 (IPv6 inside needs 1280)
            {folder["here.conf"]}:{lines}: esn: 'maybe' is not possible here, write yes or no or 1 or 0

            """,
            errors);
    }

    [Theory]
    [InlineData("--seconds", "5")]
    [InlineData("--listen", "--seconds", "0")]
    [InlineData("--listen", "--seconds", "3601")]
    public async Task Seconds_that_nobody_listens_for_are_refused(params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Command.RunAsync(["check", "--conf", "peer.conf", .. arguments]);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Equal("natt-tun check: --seconds goes with --listen and is a number from 1 to 3600; see natt-tun check --help\n", errors);
    }

    [Fact]
    public async Task Listening_with_a_bad_conf_ends_at_once_with_exit_code_2()
    {
        (int exitCode, string output, string errors) = await Command.RunAsync("check", "--conf", "/nowhere/peer.conf", "--listen");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("/nowhere/peer.conf: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_tells_how_to_find_out_why_a_tunnel_carries_nothing()
    {
        (int exitCode, string output, _) = await Command.RunAsync("check", "--help");

        Assert.Equal(0, exitCode);
        Assert.Contains("usage: sudo natt-tun check --conf FILE|FOLDER... [--listen [--seconds N]]", output, StringComparison.Ordinal);
        Assert.Contains("With --listen it says after that why a tunnel carries nothing", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1970-01-01", "problem: the clock says 1970-01-01: sudo timedatectl set-ntp true, or set it by sudo date -s\n")]
    [InlineData("2023-12-31", "problem: the clock says 2023-12-31: sudo timedatectl set-ntp true, or set it by sudo date -s\n")]
    [InlineData("2024-01-01", "")]
    public void Clock_that_was_never_set_is_a_problem(string day, string problem)
    {
        var errors = new StringWriter();
        var process = new ProcessConf(null, 1100, null, "natt0", null, "/nowhere", TunOffload: true, UdpOffload: true, Workers: null);

        new ProcessCheck(process, new Findings(TextWriter.Null, errors))
            .CheckClock(DateTimeOffset.Parse(day, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));

        Assert.Equal(problem, errors.ToString());
    }

    [Theory]
    [InlineData("pid 1, /etc/natt/a.conf", true)]
    [InlineData("pid 1, /etc/natt/b.conf, /etc/natt/a.conf", true)]
    [InlineData("pid 1, /etc/natt/", true)]
    [InlineData("pid 1, etc/natt/a.conf", true)]
    [InlineData("pid 1, /etc/natt/b.conf", false)]
    [InlineData("pid 1, /etc", false)]
    [InlineData("another natt-tun", false)]
    [InlineData("pid x, /etc/natt/a.conf", false)]
    public void Holder_is_recognised_by_its_confs(string holder, bool runs) =>
        Assert.Equal(runs, StateHolder.Runs(holder, ["/etc/natt/a.conf"]));

    [Fact]
    public async Task Help_says_what_is_looked_at()
    {
        (int exitCode, string output, _) = await Command.RunAsync("check", "--help");

        Assert.Equal(0, exitCode);
        Assert.All(["--conf", "Exit status", "MTU", "forwarding"], word => Assert.Contains(word, output, StringComparison.Ordinal));
    }
}
