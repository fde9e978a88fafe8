namespace NatT.Cli.Tests;

public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _state = new();

    private string Conf => _folder["paris.conf"];

    [Fact]
    public async Task Commands_for_the_far_end_go_to_standard_output_and_nothing_else_does()
    {
        WriteConf("ori_local_public_ip = 203.0.113.1");

        (int exitCode, string output, string errors) = await ExportAsync("xfrm");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.StartsWith("#!/bin/sh\n# The tunnel of paris, the far end, ", output, StringComparison.Ordinal);
        Assert.Contains("\nxfrm state add src 198.51.100.7 dst 203.0.113.1 proto esp spi 0x00002001 ", output, StringComparison.Ordinal);
        Assert.Contains("# Sequence numbers: none was used so far.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_NAT_shows_is_where_the_far_end_sends()
    {
        WriteConf("ori_local_public_ip = 192.168.1.2", "nat_local_public_ip = 203.0.113.9", "nat_local_port = 4510");

        (_, string far, _) = await ExportAsync("xfrm");
        (_, string here, _) = await ExportAsync("xfrm", "--end", "this");

        Assert.Contains(" dst 203.0.113.9 ", far, StringComparison.Ordinal);
        Assert.Contains(" encap espinudp 1100 4510 ", far, StringComparison.Ordinal);
        Assert.Contains(" src 192.168.1.2 ", here, StringComparison.Ordinal);
        Assert.Contains(" encap espinudp 1100 1100 ", here, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_are_those_of_the_record()
    {
        WriteConf("ori_local_public_ip = 203.0.113.1");
        await ExportAsync("xfrm", "--out", _folder["unused"]);
        await MakeUsedAsync();

        (int exitCode, string output, string errors) = await ExportAsync("xfrm", "--end", "this");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains($" replay-oseq {7 + 65_536} ", output, StringComparison.Ordinal);
        Assert.Contains($" replay-seq {5 + 1024} ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_AEAD_without_a_record_is_not_exported()
    {
        string key = new('1', 72), other = new('2', 72);
        await File.WriteAllTextAsync(Conf, $"""
            remote_public_ip = 198.51.100.7
            ori_local_public_ip = 203.0.113.1
            local_private_ip = 10.77.0.1
            remote_private_ip = 10.77.0.2
            suite = aes-gcm-16
            spi_in = 0x2001
            spi_out = 0x1001
            enc_in = 0x{key}
            enc_out = 0x{other}
            state_dir = {_state["none"]}

            """);
        File.SetUnixFileMode(Conf, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (int refused, _, string errors) = await ExportAsync("xfrm");
        await Command.RunAsync("state", "init", "--conf", Conf);
        (int exitCode, string output, string note) = await ExportAsync("xfrm");

        Assert.Equal(1, refused);
        Assert.Contains("has no intact record of its sequence numbers", errors, StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
        Assert.Contains(" aead rfc4106(gcm(aes)) 0x", output, StringComparison.Ordinal);
        Assert.Contains("new keys are better", note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_for_its_owner_alone_and_overwritten_only_by_force()
    {
        WriteConf("espmode = espinudp");

        (int exitCode, string output, string errors) = await ExportAsync("wireshark", "--out", _folder["esp_sa"]);
        (int refused, _, string why) = await ExportAsync("wireshark", "--out", _folder["esp_sa"]);
        (int forced, _, _) = await ExportAsync("wireshark", "--out", _folder["esp_sa"], "--force");

        Assert.Equal((0, "", $"{_folder["esp_sa"]} is made, for your eyes alone: it holds the keys\n"), (exitCode, output, errors));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["esp_sa"]));
        Assert.Equal((1, $"natt-tun export: {_folder["esp_sa"]} is there already: choose another --out, or add --force\n"), (refused, why));
        Assert.Equal(0, forced);
    }

    [Theory]
    [InlineData("xfrm: ori_local_public_ip", "nat_local_public_ip or ori_local_public_ip is no address, add --here ADDRESS, the address that the far end sees this one at", "xfrm")]
    [InlineData("this: ori_local_public_ip", "ori_local_public_ip is no address, add --here ADDRESS, this machine's address towards the peer", "xfrm", "--end", "this")]
    [InlineData("scripts", "spi_in and spi_out differ, and the scripts have one SPI for both directions", "scripts")]
    public async Task What_cannot_be_said_is_one_line(string name, string line, params string[] arguments)
    {
        WriteConf("icv_bits = 96");

        (int exitCode, string output, string errors) = await ExportAsync(arguments);

        Assert.Equal((2, "", $"natt-tun export: {Conf}: {line}\n"), (exitCode, output, errors));
        Assert.NotEmpty(name);
    }

    [Theory]
    [InlineData("say what to make: xfrm, wireshark or scripts; see natt-tun export --help", "swan")]
    [InlineData("--end is far or this; see natt-tun export --help", "xfrm", "--end", "both")]
    [InlineData("no conf is called lyon, but paris", "xfrm", "lyon")]
    [InlineData("--here is no IP address: write one such as 192.0.2.1 or 2001:db8::1", "xfrm", "--here", "here")]
    public async Task A_wrong_argument_is_one_line(string line, params string[] arguments)
    {
        WriteConf();

        (int exitCode, string output, string errors) = await ExportAsync(arguments);

        Assert.Equal((2, "", $"natt-tun export: {line}\n"), (exitCode, output, errors));
    }

    [Fact]
    public async Task Help_suffices()
    {
        (int exitCode, string output, _) = await Command.RunAsync("export", "--help");

        Assert.Equal(0, exitCode);
        Assert.All(
            ["usage: sudo natt-tun export xfrm|wireshark|scripts", "--end", "--here", "--there", "--out", "--force", "Exit status: 0"],
            words => Assert.Contains(words, output, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _state.Dispose();
    }

    private Task<(int ExitCode, string Output, string Errors)> ExportAsync(params string[] arguments) =>
        Command.RunAsync(["export", .. arguments, "--conf", Conf]);

    /// <summary>Imports the same tunnel from a kernel that has sent 7 packets and received 5.</summary>
    private async Task MakeUsedAsync()
    {
        (int exitCode, _, string errors) = await ImportTests.RunAsync(
            $"""
            src 203.0.113.1 dst 198.51.100.7
            	proto esp spi 0x00001001 reqid 1 mode tunnel
            	replay-window 32 
            	auth-trunc hmac(sha256) 0x4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a 128
            	enc cbc(aes) 0xd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35
            	encap type espinudp sport 1100 dport 1100 addr 0.0.0.0
            	anti-replay context: seq 0x0, oseq 0x7, bitmap 0x00000000
            src 198.51.100.7 dst 203.0.113.1
            	proto esp spi 0x00002001 reqid 1 mode tunnel
            	replay-window 32 
            	auth-trunc hmac(sha256) 0x4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce 128
            	enc cbc(aes) 0x6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
            	encap type espinudp sport 1100 dport 1100 addr 0.0.0.0
            	anti-replay context: seq 0x5, oseq 0x0, bitmap 0x0000001f
            src 10.77.0.1/32 dst 10.77.0.2/32 
            	dir out priority 0 ptype main 
            	tmpl src 203.0.113.1 dst 198.51.100.7
            		proto esp reqid 1 mode tunnel
            src 10.77.0.2/32 dst 10.77.0.1/32 
            	dir in priority 0 ptype main 
            	tmpl src 198.51.100.7 dst 203.0.113.1
            		proto esp reqid 1 mode tunnel

            """,
            "import", "xfrm", "--out", _folder["imported"], "--state-dir", _state.Path);
        Assert.Equal((0, ""), (exitCode, errors));
    }

    private void WriteConf(params string[] lines)
    {
        File.WriteAllText(Conf, $"""
            remote_public_ip = 198.51.100.7
            local_private_ip = 10.77.0.1
            remote_private_ip = 10.77.0.2
            spi_in = 0x2001
            spi_out = 0x1001
            enc_in = 0x6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
            enc_out = 0xd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35
            auth_in = 0x4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce
            auth_out = 0x4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a
            state_dir = {_state.Path}
            {string.Join('\n', lines)}

            """);
        File.SetUnixFileMode(Conf, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
