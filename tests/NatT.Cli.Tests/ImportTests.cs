using System.Diagnostics;

namespace NatT.Cli.Tests;

public sealed class ImportTests : IDisposable
{
    private const string Tunnel =
        """
        src 203.0.113.5 dst 198.51.100.7
        	proto esp spi 0x00001001 reqid 1 mode tunnel
        	replay-window 32 
        	auth-trunc hmac(sha256) 0x6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b 128
        	enc cbc(aes) 0xd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35
        	encap type espinudp sport 1100 dport 4501 addr 0.0.0.0
        	anti-replay context: seq 0x0, oseq 0x7, bitmap 0x00000000
        src 198.51.100.7 dst 203.0.113.5
        	proto esp spi 0x00002001 reqid 1 mode tunnel
        	replay-window 32 
        	auth-trunc hmac(sha256) 0x4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce 128
        	enc cbc(aes) 0x4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a
        	encap type espinudp sport 4501 dport 1100 addr 0.0.0.0
        	anti-replay context: seq 0x5, oseq 0x0, bitmap 0x0000001f
        src 10.2.0.1/32 dst 10.1.0.1/32 
        	dir out priority 0 ptype main 
        	tmpl src 203.0.113.5 dst 198.51.100.7
        		proto esp reqid 1 mode tunnel
        src 10.1.0.1/32 dst 10.2.0.1/32 
        	dir in priority 0 ptype main 
        	tmpl src 198.51.100.7 dst 203.0.113.5
        		proto esp reqid 1 mode tunnel

        """;

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _state = new();

    private string Conf => _folder["198.51.100.7.conf"];

    [Fact]
    public async Task Makes_a_conf_for_its_owner_alone_that_check_would_take()
    {
        (int exitCode, string output, string errors) = await ImportAsync(Tunnel);

        Assert.Equal("", errors);
        Assert.Equal(0, exitCode);
        Assert.Equal($"{Conf} is made, for your eyes alone: SPIs 0x00002001 in, 0x00001001 out\n", output);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Conf));
        string[] lines = await File.ReadAllLinesAsync(Conf);
        Assert.Contains("remote_port       = 4501", lines);
        Assert.Contains($"state_dir         = {_state.Path}", lines);
        Assert.DoesNotContain(lines, line => line.EndsWith(' '));
    }

    [Fact]
    public async Task Makes_the_record_that_lets_numbers_go_on()
    {
        await ImportAsync(Tunnel);

        (int exitCode, string output, _) = await Command.RunAsync("state", "init", "--conf", Conf);

        Assert.Equal(0, exitCode);
        Assert.Contains("has a record", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Overwrites_nothing_without_force()
    {
        await File.WriteAllTextAsync(Conf, "mine");

        (int exitCode, _, string errors) = await ImportAsync(Tunnel);
        string left = await File.ReadAllTextAsync(Conf);
        (int forced, _, _) = await ImportAsync(Tunnel, "--force");

        Assert.Equal($"natt-tun import: {Conf} is there already, with keys that would be lost: choose another --out, or add --force\n", errors);
        Assert.Equal(("mine", 1, 0), (left, exitCode, forced));
        Assert.NotEqual("mine", await File.ReadAllTextAsync(Conf));
    }

    [Fact]
    public async Task Each_mistake_is_a_line_and_no_conf_is_made()
    {
        (int exitCode, string output, string errors) = await ImportAsync(
            Tunnel.Replace("cbc(aes)", "cbc(blowfish)", StringComparison.Ordinal));

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Equal(
            ["stdin:5: natt-tun has no 'cbc(blowfish)'", "stdin:12: natt-tun has no 'cbc(blowfish)'"],
            errors.TrimEnd('\n').Split('\n').Select(line => line.Split(',')[0]));
        Assert.False(File.Exists(Conf));
    }

    [Fact]
    public async Task Where_records_cannot_be_kept_one_line_says_so()
    {
        await File.WriteAllTextAsync(_state["file"], "");

        (int exitCode, _, string errors) = await RunAsync(Tunnel, "import", "xfrm", "--out", _folder.Path, "--state-dir", _state["file"]);

        Assert.Equal(1, exitCode);
        Assert.Matches("^natt-tun import: no records of sequence numbers [^\n]+; natt-tun would start from 1, [^\n]+\n$", errors);
    }

    [Fact]
    public async Task Transport_mode_gets_its_inner_addresses_from_the_options()
    {
        string transport = Tunnel.Replace("mode tunnel", "mode transport", StringComparison.Ordinal)
            .Replace("10.2.0.1/32", "203.0.113.5/32", StringComparison.Ordinal).Replace("10.1.0.1/32", "198.51.100.7/32", StringComparison.Ordinal);

        (int refused, _, string why) = await ImportAsync(transport);
        (int exitCode, _, string errors) = await ImportAsync(transport, "--inner-here", "10.2.0.1", "--inner-there", "10.1.0.1");

        Assert.Equal(2, refused);
        Assert.Contains("add --inner-here and --inner-there", why, StringComparison.Ordinal);
        Assert.Equal((0, ""), (exitCode, errors));
        string[] lines = await File.ReadAllLinesAsync(Conf);
        Assert.Contains("mode              = transport", lines);
        Assert.Contains("local_private_ip  = 10.2.0.1", lines);
        Assert.Contains("remote_private_ip = 10.1.0.1", lines);
    }

    [Theory]
    [InlineData("--inner-here", "10.2.0.1")]
    [InlineData("--inner-here", "10.2.0.1", "--inner-there", "there")]
    public async Task Inner_addresses_go_together(params string[] options)
    {
        (int exitCode, _, string errors) = await ImportAsync(Tunnel, options);

        Assert.Equal(2, exitCode);
        Assert.StartsWith("natt-tun import: --inner-here and --inner-there are IP addresses, and go together: ", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("natt-tun import: the one thing it can read is xfrm: { ip -d xfrm state; ip xfrm policy; } | natt-tun import xfrm; see natt-tun import --help", "import")]
    [InlineData("natt-tun import: the one thing it can read is xfrm: { ip -d xfrm state; ip xfrm policy; } | natt-tun import xfrm; see natt-tun import --help", "import", "swan")]
    public async Task A_wrong_operand_is_one_line(string line, params string[] arguments)
    {
        (int exitCode, _, string errors) = await RunAsync("", arguments);

        Assert.Equal((2, line + "\n"), (exitCode, errors));
    }

    [Fact]
    public async Task Help_suffices()
    {
        (int exitCode, string output, _) = await Command.RunAsync("import", "--help");

        Assert.Equal(0, exitCode);
        Assert.All(
            ["usage: sudo sh -c '{ ip -d xfrm state; ip xfrm policy; } | natt-tun import xfrm", "--out", "--state-dir", "--inner-here", "--inner-there", "--force", "Exit status: 0"],
            words => Assert.Contains(words, output, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _state.Dispose();
    }

    private Task<(int ExitCode, string Output, string Errors)> ImportAsync(string text, params string[] options) =>
        RunAsync(text, ["import", "xfrm", "--out", _folder.Path, "--state-dir", _state.Path, .. options]);

    internal static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string text, params string[] arguments)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, "natt-tun.dll");
        using Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [assembly, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(text);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It did not want all of it.
        }

        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
