namespace NatT.Cli.Tests;

public sealed class ArgumentTests
{
    [Theory]
    [InlineData("natt-tun: --conf FILE is missing; see natt-tun --help")]
    [InlineData("natt-tun: --conf needs a value; see natt-tun --help", "--conf")]
    [InlineData("natt-tun: unknown option bogus; see natt-tun --help", "--conf", "x.conf", "--bogus")]
    [InlineData("natt-tun: unknown option b; see natt-tun --help", "--conf", "x.conf", "-b")]
    [InlineData("natt-tun: there is no verb stray, a conf goes behind --conf; see natt-tun --help", "stray", "--conf", "x.conf")]
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

    [Theory]
    [InlineData("--conf", "/nowhere/a.conf", "--conf", "/nowhere/b.conf")]
    [InlineData("--conf", "/nowhere/a.conf", "/nowhere/b.conf")]
    [InlineData("--conf", "/nowhere/a.conf", "--verbose", "--conf", "/nowhere/b.conf")]
    public async Task Several_confs_are_all_read(params string[] arguments)
    {
        (int exitCode, _, string errors) = await Command.RunAsync(arguments);

        Assert.Equal(2, exitCode);
        Assert.Equal("/nowhere/a.conf: no such folder, check the path\n/nowhere/b.conf: no such folder, check the path\n", errors);
    }

    [Fact]
    public async Task A_folder_without_confs_is_one_line_and_exit_code_2()
    {
        string folder = Directory.CreateTempSubdirectory("natt-none-").FullName;

        (int exitCode, _, string errors) = await Command.RunAsync("--conf", folder);

        Directory.Delete(folder);
        Assert.Equal(2, exitCode);
        Assert.Equal($"{folder}: no *.conf in this folder, put one file for each peer there\n", errors);
    }
}
