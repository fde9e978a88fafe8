namespace NatT.Cli.Tests;

public sealed class KeygenTests : IDisposable
{
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _state = new();

    [Fact]
    public async Task Makes_two_confs_for_their_owner_alone_and_says_what_to_do_next()
    {
        (int exitCode, string output, string errors) = await KeygenAsync("--here", "203.0.113.1", "--there", "203.0.113.2");

        Assert.Equal("", errors);
        Assert.Equal(0, exitCode);
        Assert.Equal(
            $"""
            {_folder["here.conf"]} and {_folder["there.conf"]} are made, with keys of their own, for your eyes alone
            the record of here.conf's sequence numbers is made in {_state.Path}
            1. bring {_folder["there.conf"]} to the other host in a safe way, such as scp, and delete it here: it holds the keys
            2. there, once, and never after these keys were used, for their numbers would repeat:
               sudo natt-tun state init --conf there.conf
            3. on each host: sudo natt-tun check --conf FILE, then sudo natt-tun --conf FILE
            4. ping 10.77.0.2

            """,
            output);
        foreach (string file in new[] { "here.conf", "there.conf" })
        {
            Assert.Equal(OwnerReadsAndWrites, File.GetUnixFileMode(_folder[file]));
            Assert.All(File.ReadLines(_folder[file]), line => Assert.InRange(line.Length, 0, 140));
            Assert.DoesNotContain(File.ReadLines(_folder[file]), line => line.EndsWith(' '));
        }

        Assert.Contains("remote_public_ip  = 203.0.113.2", File.ReadLines(_folder["here.conf"]));
        Assert.Contains("remote_public_ip  = 203.0.113.1", File.ReadLines(_folder["there.conf"]));
    }

    [Theory]
    [InlineData("aes-gcm-16")]
    [InlineData("chacha20-poly1305")]
    public async Task Makes_confs_of_other_suites_and_the_first_ones_record(string suite)
    {
        (int exitCode, string output, string errors) = await KeygenAsync("--suite", suite);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains($"the record of here.conf's sequence numbers is made in {_state.Path}", output, StringComparison.Ordinal);
        Assert.NotEqual(0, new FileInfo(_state["journal"]).Length);
        foreach (string file in new[] { "here.conf", "there.conf" })
        {
            string[] lines = await File.ReadAllLinesAsync(_folder[file]);
            Assert.Contains($"suite             = {suite}", lines);
            Assert.Equal(2, lines.Count(line => line.StartsWith("enc_", StringComparison.Ordinal) && line[(line.IndexOf('x', StringComparison.Ordinal) + 1)..].Length == 72));
            Assert.DoesNotContain(lines, line => line.StartsWith("auth_", StringComparison.Ordinal));
            Assert.All(lines, line => Assert.InRange(line.Length, 0, 140));
        }
    }

    [Theory]
    [InlineData("aes-cbc-hmac-sha1", 20)]
    [InlineData("aes-cbc-hmac-sha384", 48)]
    [InlineData("aes-cbc-hmac-sha512", 64)]
    public async Task Makes_keys_as_long_as_the_suites_hash(string suite, int octets)
    {
        (int exitCode, _, string errors) = await KeygenAsync("--suite", suite);

        Assert.Equal((0, ""), (exitCode, errors));
        foreach (string file in new[] { "here.conf", "there.conf" })
        {
            string[] lines = await File.ReadAllLinesAsync(_folder[file]);
            Assert.Contains($"suite             = {suite}", lines);
            Assert.Equal(2, lines.Count(line => line.StartsWith("auth_", StringComparison.Ordinal) && line.Split("0x")[1].Length == 2 * octets));
        }
    }

    [Fact]
    public async Task Ends_that_do_not_know_each_other_are_the_first_thing_to_mend()
    {
        (int exitCode, string output, _) = await KeygenAsync();

        Assert.Equal(0, exitCode);
        Assert.Contains("\n1. write the other end's address as remote_public_ip into at least one of them\n2. ", output, StringComparison.Ordinal);
        Assert.Contains("remote_public_ip  =", File.ReadLines(_folder["here.conf"]));
    }

    [Fact]
    public async Task Never_makes_the_same_keys_twice()
    {
        await KeygenAsync("--names", "a,b");
        await KeygenAsync("--names", "c,d");

        string[] values = [.. new[] { "a", "c" }.SelectMany(name => File.ReadLines(_folder[$"{name}.conf"])).Where(IsSecret)];
        Assert.Equal(12, values.Distinct().Count());

        static bool IsSecret(string line) =>
            new[] { "spi_", "enc_", "auth_" }.Any(key => line.StartsWith(key, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("here.conf")]
    [InlineData("there.conf")]
    public async Task Keeps_what_is_there_and_makes_neither_conf(string taken)
    {
        await File.WriteAllTextAsync(_folder[taken], "precious");

        (int exitCode, _, string errors) = await KeygenAsync();

        Assert.Equal(1, exitCode);
        Assert.Equal(
            $"natt-tun keygen: {_folder[taken]} is there already, with keys that would be lost: "
            + "choose other --names or another --out, or add --force\n",
            errors);
        Assert.Equal("precious", await File.ReadAllTextAsync(_folder[taken]));
        Assert.Single(Directory.EnumerateFiles(_folder.Path));
    }

    [Fact]
    public async Task Writes_through_no_link_that_somebody_left_there()
    {
        File.CreateSymbolicLink(_folder["here.conf"], _folder["elsewhere"]);

        (int exitCode, _, _) = await KeygenAsync();
        (int forcedExitCode, _, _) = await KeygenAsync("--force");

        Assert.Equal((1, 0), (exitCode, forcedExitCode));
        Assert.False(File.Exists(_folder["elsewhere"]));
        Assert.Null(File.ResolveLinkTarget(_folder["here.conf"], returnFinalTarget: false));
    }

    [Fact]
    public async Task Overwrites_with_force()
    {
        await File.WriteAllTextAsync(_folder["there.conf"], "old");
        File.SetUnixFileMode(_folder["there.conf"], OwnerReadsAndWrites | UnixFileMode.OtherRead);

        (int exitCode, _, string errors) = await KeygenAsync("--force");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Equal(OwnerReadsAndWrites, File.GetUnixFileMode(_folder["there.conf"]));
        Assert.Contains("spi_in", await File.ReadAllTextAsync(_folder["there.conf"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Makes_the_record_of_the_first_end_and_names_its_folder_in_that_conf_alone()
    {
        (int exitCode, _, string errors) = await KeygenAsync();

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.NotEqual(0, new FileInfo(_state["journal"]).Length);
        Assert.Contains($"state_dir         = {_state.Path}", File.ReadLines(_folder["here.conf"]));
        Assert.DoesNotContain("state_dir", await File.ReadAllTextAsync(_folder["there.conf"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_record_can_be_made_the_confs_are_and_one_line_says_what_to_do()
    {
        (int exitCode, string output, string errors) =
            await Command.RunAsync("keygen", "--out", _folder.Path, "--state-dir", "/proc/self/natt");

        Assert.Equal(1, exitCode);
        Assert.Matches("^natt-tun keygen: no record for .*here.conf \\(state_dir /proc/self/natt: .*\\); once, before its keys are used, "
            + "run: sudo natt-tun state init --conf .*here.conf\n$", errors);
        Assert.Contains(". bring ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("record of here.conf", output, StringComparison.Ordinal);
        Assert.Equal([_folder["here.conf"], _folder["there.conf"]], Directory.EnumerateFiles(_folder.Path).Order());
    }

    [Theory]
    [InlineData("--port: '70000' is out of range, write a whole number from 1 to 65535", "--port", "70000")]
    [InlineData("--suite: 'rot13' is not possible here, write aes-cbc-hmac-sha256 or aes-gcm-16 "
        + "or chacha20-poly1305 or aes-cbc-hmac-sha1 or aes-cbc-hmac-sha384 or aes-cbc-hmac-sha512", "--suite", "rot13")]
    [InlineData("--here: 0.0.0.0 is no host's address, write the peer's, or nothing to wait for the peer", "--here", "0.0.0.0")]
    [InlineData("--inner-there: 10.77.0.1 is in --inner-here too, write the peer's own address",
        "--inner-here", "10.77.0.1/24", "--inner-there", "10.77.0.1/25")]
    [InlineData("here' has quotes, # or control characters, which cannot go into a conf", "--there", "here'")]
    [InlineData("--names needs two different names, of letters, digits and -_. only, and a comma between", "--names", "a,a")]
    [InlineData("--names needs two different names, of letters, digits and -_. only, and a comma between", "--names", "../a,b")]
    [InlineData("unknown option key", "--key", "0x1234")]
    public async Task Refuses_what_would_make_no_conf_in_terms_of_its_options(string line, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await KeygenAsync(arguments);

        Assert.Equal(2, exitCode);
        Assert.Equal("", output);
        Assert.Contains($"natt-tun keygen: {line}; see natt-tun keygen --help\n", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        (int exitCode, string output, _) = await Command.RunAsync("keygen", "--help");

        Assert.Equal(0, exitCode);
        string[] wanted = ["--out", "--names", "--here", "--there", "--inner-here", "--inner-there", "--port", "--suite", "--state-dir", "--force"];
        Assert.All(wanted, word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _state.Dispose();
    }

    private Task<(int ExitCode, string Output, string Errors)> KeygenAsync(params string[] arguments) =>
        Command.RunAsync(["keygen", "--out", _folder.Path, "--state-dir", _state.Path, .. arguments]);
}
