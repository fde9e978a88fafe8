using NatT.Tunnel.Control;

namespace NatT.Cli.Tests;

public sealed class VerbTests
{
    [Theory]
    [InlineData("status", "--tun", "--conf", "--json", "--watch", "RTT", "Exit status: 0")]
    [InlineData("probe", "[PEER...]", "--tun", "--conf", "three times", "Exit status: 0")]
    [InlineData("stop", "--tun", "--conf", "Exit status: 0")]
    public async Task Help_of_a_verb_says_what_it_takes_and_ends_with(string verb, params string[] wanted)
    {
        (int exitCode, string output, string errors) = await Command.RunAsync(verb, "--help");

        Assert.Equal(0, exitCode);
        Assert.Equal("", errors);
        Assert.Contains($"usage: sudo natt-tun {verb}", output, StringComparison.Ordinal);
        Assert.All(wanted, word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_names_every_verb()
    {
        (_, string output, _) = await Command.RunAsync("--help");

        Assert.All(["status", "probe", "stop", "check", "state", "export", "import", "keygen"], verb => Assert.Contains($"natt-tun {verb} ", output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("natt-tun: there is no verb sttus, a conf goes behind --conf; see natt-tun --help", "sttus")]
    [InlineData("natt-tun status: unknown option bogus; see natt-tun status --help", "status", "--bogus")]
    [InlineData("natt-tun stop: nobody knows what now is for; see natt-tun stop --help", "stop", "now")]
    [InlineData("natt-tun probe: --tun and --conf do not go together; see natt-tun probe --help", "probe", "--tun", "x", "--conf", "y")]
    public async Task A_wrong_argument_of_a_verb_gets_one_line_and_exit_code_2(string line, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Command.RunAsync(arguments);

        Assert.Equal(line + "\n", errors);
        Assert.Equal("", output);
        Assert.Equal(2, exitCode);
    }

    [Fact]
    public async Task A_conf_that_is_missing_is_one_line_and_exit_code_2()
    {
        (int exitCode, _, string errors) = await Command.RunAsync("status", "--conf", "/nowhere/peer.conf");

        Assert.StartsWith("/nowhere/peer.conf: ", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
        Assert.Equal(2, exitCode);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("probe")]
    [InlineData("stop")]
    public async Task Where_none_runs_one_line_says_what_to_do(string verb)
    {
        (int exitCode, string output, string errors) = await Command.RunAsync(verb, "--tun", "natt-none");

        Assert.Matches(@"^natt-tun: (no natt-tun with device natt-none runs|this user may not look) .*\n$", errors);
        Assert.Equal("", output);
        Assert.Equal(1, exitCode);
    }

    [Theory]
    [InlineData(12.345, 0, "paris at 192.0.2.1:1100: 12.3 ms")]
    [InlineData(0.5, 1, "paris at 192.0.2.1:1100: 0.50 ms after 1 miss")]
    [InlineData(null, 3, "paris at 192.0.2.1:1100: no answer to 3 probes")]
    public void A_probe_is_one_line_a_peer(double? rttMs, int misses, string line) =>
        Assert.Equal(
            line,
            ProbeCommand.Format(new ProbeResult { Name = "paris", Endpoint = "192.0.2.1:1100", RttMs = rttMs, Misses = misses }));

    [Fact]
    public void A_peer_that_could_not_be_asked_says_why() =>
        Assert.Equal(
            "paris: not asked",
            ProbeCommand.Format(new ProbeResult { Name = "paris", Endpoint = null, RttMs = null, Misses = 0, Problem = "not asked" }));
}
