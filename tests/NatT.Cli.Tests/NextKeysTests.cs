using NatT.Tunnel.Configuration;

namespace NatT.Cli.Tests;

/// <summary>New keys for a tunnel that runs, from the first word to the last.</summary>
public sealed class NextKeysTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _state = new();

    public void Dispose()
    {
        _folder.Dispose();
        _state.Dispose();
    }

    [Theory]
    [InlineData("aes-cbc-hmac-sha256")]
    [InlineData("aes-gcm-16")]
    public async Task Next_keys_match_and_become_the_only_ones(string suite)
    {
        await MakePairAsync(suite);

        (int exitCode, string output, string errors) = await Command.RunAsync("keygen", "--next", _folder["here.conf"]);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("natt-tun reload", output, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["here.next"]));
        await File.AppendAllTextAsync(_folder["there.conf"], await File.ReadAllTextAsync(_folder["here.next"]));
        using (PeerConf here = Read("here.conf"))
        using (PeerConf there = Read("there.conf"))
        {
            AssertMatch(here.NextOutbound, there.NextInbound);
            AssertMatch(there.NextOutbound, here.NextInbound);
            Assert.DoesNotContain(here.NextInbound!.Spi, new[] { here.Inbound.Spi, here.Outbound.Spi, here.NextOutbound!.Spi });
        }

        foreach (string file in new[] { "here.conf", "there.conf" })
        {
            uint next = NextSpi(file);
            (exitCode, _, errors) = await Command.RunAsync("keygen", "--promote", _folder[file]);
            Assert.Equal((0, ""), (exitCode, errors));
            using PeerConf promoted = Read(file);
            Assert.Null(promoted.NextInbound);
            Assert.Equal(next, promoted.Inbound.Spi);
            Assert.False(File.Exists(_folder[file + ".promoted"]));
        }

        using PeerConf first = Read("here.conf");
        using PeerConf second = Read("there.conf");
        AssertMatch(first.Outbound, second.Inbound);
        AssertMatch(second.Outbound, first.Inbound);
    }

    [Fact]
    public async Task Record_of_the_next_keys_is_made()
    {
        await MakePairAsync("aes-gcm-16");
        long before = new FileInfo(_state["journal"]).Length;

        await Command.RunAsync("keygen", "--next", _folder["here.conf"]);

        Assert.True(new FileInfo(_state["journal"]).Length > before);
        (int exitCode, string output, _) = await Command.RunAsync("state", "init", "--conf", _folder["here.conf"]);
        Assert.Equal(0, exitCode);
        Assert.Contains("has a record", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_not_drawn_over_next_ones_that_are_there()
    {
        await MakePairAsync("aes-cbc-hmac-sha256");
        await Command.RunAsync("keygen", "--next", _folder["here.conf"]);
        string before = await File.ReadAllTextAsync(_folder["here.conf"]);

        (int exitCode, _, string errors) = await Command.RunAsync("keygen", "--next", _folder["here.conf"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("has next keys already", errors, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(_folder["here.conf"]));
    }

    [Fact]
    public async Task Without_next_keys_nothing_is_promoted()
    {
        await MakePairAsync("aes-cbc-hmac-sha256");
        string before = await File.ReadAllTextAsync(_folder["here.conf"]);

        (int exitCode, _, string errors) = await Command.RunAsync("keygen", "--promote", _folder["here.conf"]);

        Assert.Equal((1, $"natt-tun keygen: {_folder["here.conf"]} has no next keys\n"), (exitCode, errors));
        Assert.Equal(before, await File.ReadAllTextAsync(_folder["here.conf"]));
    }

    private async Task MakePairAsync(string suite) => Assert.Equal(0, (await Command.RunAsync(
        "keygen", "--out", _folder.Path, "--state-dir", _state.Path, "--suite", suite, "--there", "203.0.113.2")).ExitCode);

    private PeerConf Read(string file)
    {
        ConfResult result = ConfReader.Read(_folder[file], ConfFileAccess.Inspect);
        Assert.Empty(result.Problems.Select(problem => problem.ToString()));
        return result.Conf!;
    }

    private uint NextSpi(string file)
    {
        using PeerConf conf = Read(file);
        return conf.NextInbound!.Spi;
    }

    private static void AssertMatch(AssociationConf? sender, AssociationConf? receiver)
    {
        Assert.NotNull(sender);
        Assert.NotNull(receiver);
        Assert.Equal(sender.Spi, receiver.Spi);
        Assert.True(sender.EncryptionKey.FixedTimeEquals(receiver.EncryptionKey));
        Assert.True(sender.AuthenticationKey.FixedTimeEquals(receiver.AuthenticationKey));
    }
}
