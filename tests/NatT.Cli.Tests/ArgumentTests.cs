namespace NatT.Cli.Tests;

public sealed class ArgumentTests
{
    [Theory]
    [InlineData("natt-tun: --conf FILE is missing; see natt-tun --help")]
    [InlineData("natt-tun: --conf FILE is missing; see natt-tun --help", "--conf")]
    [InlineData("natt-tun: unknown option bogus; see natt-tun --help", "--conf", "x.conf", "--bogus")]
    [InlineData("natt-tun: unknown option b; see natt-tun --help", "--conf", "x.conf", "-b")]
    [InlineData("natt-tun: --conf is given twice; see natt-tun --help", "--conf", "x.conf", "--conf", "y.conf")]
    [InlineData("natt-tun: nobody knows what stray is for, a conf goes behind --conf; see natt-tun --help", "--conf", "x.conf", "stray")]
    public async Task A_wrong_argument_gets_one_line_and_exit_code_2(string line, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Command.RunAsync(arguments);

        Assert.Equal(line + "\n", errors);
        Assert.Equal("", output);
        Assert.Equal(2, exitCode);
    }

    [Fact]
    public async Task Help_names_every_option_and_what_a_conf_needs()
    {
        (int exitCode, string output, string errors) = await Command.RunAsync("--help");

        Assert.Equal(0, exitCode);
        Assert.Equal("", errors);
        string[] wanted =
            ["--conf", "--verbose", "--help", "--version", "remote_public_ip", "local_private_ip", "remote_private_ip", "spi_in", "Exit status"];
        Assert.All(wanted, word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_is_one_line()
    {
        (int exitCode, string output, _) = await Command.RunAsync("--version");

        Assert.Equal(0, exitCode);
        Assert.Matches(@"^natt-tun \d+\.\d+\.\d+\n$", output);
    }

    [Fact]
    public async Task A_missing_conf_is_one_line_and_exit_code_2()
    {
        (int exitCode, _, string errors) = await Command.RunAsync("--conf", "/nowhere/peer.conf");

        Assert.Equal(2, exitCode);
        Assert.StartsWith("/nowhere/peer.conf: ", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
    }
}
