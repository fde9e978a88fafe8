namespace NatT.Cli.Tests;

/// <summary>natt-tun itself, with a suite that does not start without its record.</summary>
public sealed class NonceRecordTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string State => _folder["state"];

    private string Conf => _folder["there.conf"];

    [Theory]
    [InlineData("aes-gcm-16")]
    [InlineData("chacha20-poly1305")]
    public async Task Lost_record_is_one_line_with_both_remedies_and_exit_code_1(string suite)
    {
        await MakeConfAsync(suite);

        await AssertRefusedAsync(suite);
        await AssertRefusedAsync(suite);
    }

    [Fact]
    public async Task Torn_record_is_the_same()
    {
        await MakeConfAsync("aes-gcm-16");
        await InitAsync();
        string journal = _folder["state/journal"];
        byte[] octets = await File.ReadAllBytesAsync(journal);
        await File.WriteAllBytesAsync(journal, octets[..30]);

        await AssertRefusedAsync("aes-gcm-16", "torn");
    }

    [Fact]
    public async Task Place_that_takes_no_records_is_one_line_with_its_remedy_and_exit_code_1()
    {
        await MakeConfAsync("aes-gcm-16");
        string text = await File.ReadAllTextAsync(Conf);
        await File.WriteAllTextAsync(Conf, text.Replace(State, "/proc/self/natt", StringComparison.Ordinal));

        (int exitCode, string output, string errors) = await Command.RunAsync("--conf", Conf);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Matches("state_dir /proc/self/natt: .*; .*set state_dir to .*\n$", errors);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Check_finds_the_lost_record_and_makes_none()
    {
        await MakeConfAsync("chacha20-poly1305");

        (int exitCode, _, string errors) = await Command.RunAsync("check", "--conf", Conf);

        Assert.Equal(1, exitCode);
        Assert.Contains(Complaint("chacha20-poly1305"), errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(State));
    }

    [Fact]
    public async Task Check_is_content_with_the_record_that_state_init_makes()
    {
        await MakeConfAsync("aes-gcm-16");
        await InitAsync();

        (_, string output, string errors) = await Command.RunAsync("check", "--conf", Conf);

        Assert.DoesNotContain("no intact record", errors, StringComparison.Ordinal);
        Assert.Contains("the records of sequence numbers are there that aes-gcm-16 and chacha20-poly1305 need", output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task MakeConfAsync(string suite)
    {
        (int exitCode, _, string errors) = await Command.RunAsync(
            "keygen", "--suite", suite, "--out", _folder.Path, "--state-dir", _folder["state-here"]);
        Assert.Equal((0, ""), (exitCode, errors));
        await File.AppendAllTextAsync(Conf, $"state_dir = {State}\n");
    }

    private async Task InitAsync()
    {
        (int exitCode, string output, string errors) = await Command.RunAsync("state", "init", "--conf", Conf);
        Assert.Equal((0, $"{Conf}: record made in {State}, sequence numbers start at 1\n", ""), (exitCode, output, errors));
    }

    /// <param name="suite">The conf's.</param>
    /// <param name="before">What the line before says, where there may be one.</param>
    private async Task AssertRefusedAsync(string suite, string? before = null)
    {
        (int exitCode, string output, string errors) = await Command.RunAsync("--conf", Conf);

        Assert.Equal((1, ""), (exitCode, output));
        string[] lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.EndsWith(Complaint(suite), lines[^1], StringComparison.Ordinal);
        Assert.Equal(before is null ? 1 : 2, lines.Length);
        Assert.Contains(before ?? "", lines[0], StringComparison.Ordinal);
    }

    private string Complaint(string suite) =>
        $"{Conf}: state_dir {State} has no intact record of its sequence numbers, without which {suite} must not start: "
        + $"if its keys were never used, sudo natt-tun state init --conf {Conf}; else make new ones: natt-tun keygen --suite {suite}";
}
