using NatT.Tunnel.Configuration;

namespace NatT.Cli.Tests.BadInput;

/// <summary>
/// Files and folders that are no confs, or cannot be read as such. Those that need another user are among the end-to-end tests.
/// All go through the reader in this process; some are handed to natt-tun itself too.
/// </summary>
public sealed class BadFileTests : IDisposable
{
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnly = OwnerReadsAndWrites | UnixFileMode.UserExecute;

    private readonly TemporaryFolder _folder = new();

    /// <summary>The path that is given, below the folder; what is made there; the lines it draws, with FOLDER for the folder.</summary>
    public static TheoryData<string, string, string> Cases => new()
    {
        { "absent.conf", "nothing", "FOLDER/absent.conf: no such file, check the name" },
        { "absent/peer.conf", "nothing", "FOLDER/absent/peer.conf: no such folder, check the path" },
        { "peer.conf/x", "a good conf", "FOLDER/peer.conf/x: no such folder, check the path" },
        { "link.conf", "a link that leads nowhere", "FOLDER/link.conf: a link that leads nowhere, remove it or set it right" },
        {
            "loop.conf", "a link to itself",
            "FOLDER/loop.conf: cannot be read (Too many levels of symbolic links in 'FOLDER/loop.conf'.), check the file"
        },
        { "empty", "an empty folder", "FOLDER/empty: no *.conf in this folder, put one file for each peer there" },
        {
            "open", "a folder that others may write to",
            "FOLDER/open: this folder is writable by others, run: chmod go-w FOLDER/open\n"
            + "FOLDER/open: no *.conf in this folder, put one file for each peer there"
        },
        {
            "open/peer.conf", "a good conf in a folder that others may write to",
            "FOLDER/open/peer.conf: its folder is writable by others, run: chmod go-w FOLDER/open"
        },
        {
            "peer.conf", "a conf that others may read",
            "FOLDER/peer.conf: accessible to others than its owner, run: chmod 600 FOLDER/peer.conf"
        },
        {
            "empty.conf", "an empty file",
            "FOLDER/empty.conf:1: local_private_ip: missing, write the address this end has inside the tunnel, such as 10.77.0.1\n"
            + "FOLDER/empty.conf:1: remote_private_ip: missing, write the peer's address inside the tunnel, such as 10.77.0.2, "
            + "or the networks behind it\n"
            + "FOLDER/empty.conf:1: spi_id: missing, write spi_id for both directions, or spi_in and spi_out\n"
            + "FOLDER/empty.conf:1: enc_aes: missing, write enc_aes for both directions, or enc_in and enc_out\n"
            + "FOLDER/empty.conf:1: auth: missing, write auth for both directions, or auth_in and auth_out"
        },
        {
            "junk.conf", "binary junk",
            "FOLDER/junk.conf: not plain text (octet 0x01 on line 2), save it as UTF-8 text with one key = value a line"
        },
        {
            "wide.conf", "UTF-16",
            "FOLDER/wide.conf: not plain text (octet 0x00 on line 1), save it as UTF-8 text with one key = value a line"
        },
        { "huge.conf", "a line of 10 MB", "FOLDER/huge.conf: larger than 1 MiB, is this a conf file of natt-tun?" },
        { "long.conf", "a good conf and a line of 9000 octets", "FOLDER/long.conf:LAST: longer than 8192 octets, shorten or split it" },
        { "pipe.conf", "a pipe", "FOLDER/pipe.conf: no regular file, copy its content to a file with mode 600" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Draws_these_lines_and_no_others(string path, string made, string lines)
    {
        await MakeAsync(made, _folder[path]);

        using ConfSet confs = ConfSet.Load([_folder[path]], ConfFileAccess.Inspect);

        Assert.Equal(Expected(path, lines).Split('\n'), confs.Problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("absent.conf")]
    [InlineData("open")]
    [InlineData("empty.conf")]
    [InlineData("junk.conf")]
    [InlineData("huge.conf")]
    [InlineData("pipe.conf")]
    public async Task The_process_prints_them_and_ends_with_exit_code_2(string path)
    {
        object[] row = Cases.Single(row => (string)row[0] == path);
        await MakeAsync((string)row[1], _folder[path]);

        (int exitCode, string output, string errors) = await Command.RunAsync("--conf", _folder[path]);

        Assert.Equal((2, "", Expected(path, (string)row[2]) + "\n"), (exitCode, output, errors));
    }

    [Fact]
    public async Task A_file_with_a_mistake_on_every_line_is_given_up_after_a_hundred()
    {
        await WriteAsync(_folder["prose.conf"], string.Concat(Enumerable.Repeat("words\n", 1000)));

        using ConfSet confs = ConfSet.Load([_folder["prose.conf"]], ConfFileAccess.Inspect);

        Assert.Equal(101, confs.Problems.Length);
        Assert.Equal($"{_folder["prose.conf"]}: too many problems to go on, is this a conf file of natt-tun?", $"{confs.Problems[0]}");
    }

    public void Dispose() => _folder.Dispose();

    private string Expected(string path, string lines)
    {
        string last = lines.Contains("LAST", StringComparison.Ordinal) ? $"{File.ReadLines(_folder[path]).Count()}" : "";
        return lines.Replace("FOLDER", _folder.Path, StringComparison.Ordinal).Replace("LAST", last, StringComparison.Ordinal);
    }

    private static async Task MakeAsync(string what, string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        switch (what)
        {
            case "a good conf":
                await MakeGoodConfAsync(folder);
                break;
            case "a good conf in a folder that others may write to":
                Directory.CreateDirectory(folder, OwnerOnly);
                await MakeGoodConfAsync(path);
                File.SetUnixFileMode(folder, OwnerOnly | UnixFileMode.GroupWrite);
                break;
            case "a conf that others may read":
                await MakeGoodConfAsync(path);
                File.SetUnixFileMode(path, OwnerReadsAndWrites | UnixFileMode.GroupRead);
                break;
            case "a good conf and a line of 9000 octets":
                await MakeGoodConfAsync(path);
                await File.AppendAllTextAsync(path, "remote_private_ip = " + new string('1', 9000));
                break;
            case "an empty folder":
                Directory.CreateDirectory(path, OwnerOnly);
                break;
            case "a folder that others may write to":
                Directory.CreateDirectory(path);
                File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.OtherWrite);
                break;
            case "a link that leads nowhere":
                File.CreateSymbolicLink(path, "nowhere");
                break;
            case "a link to itself":
                File.CreateSymbolicLink(path, Path.GetFileName(path));
                break;
            case "an empty file":
                await WriteAsync(path, "");
                break;
            case "binary junk":
                await WriteAsync(path, "ELF\n\u0001\0\0\u0002");
                break;
            case "UTF-16":
                await WriteAsync(path, "m\0t\0u\0");
                break;
            case "a line of 10 MB":
                await WriteAsync(path, new string('a', 10_000_000));
                break;
            case "a pipe":
                using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", ["-m", "600", path]))
                {
                    await mkfifo.WaitForExitAsync();
                }

                break;
        }
    }

    /// <summary>By keygen, as a user would.</summary>
    private static async Task MakeGoodConfAsync(string path)
    {
        string target = path.EndsWith(".conf", StringComparison.Ordinal) ? path : Path.Combine(path, "peer.conf");
        string name = Path.GetFileNameWithoutExtension(target);
        using var state = new TemporaryFolder();
        (int exitCode, _, string errors) = await Command.RunAsync(
            "keygen", "--out", Path.GetDirectoryName(target)!, "--names", $"{name},other", "--state-dir", state.Path);
        Assert.True(exitCode == 0, errors);
    }

    private static async Task WriteAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path, text);
        File.SetUnixFileMode(path, OwnerReadsAndWrites);
    }
}
