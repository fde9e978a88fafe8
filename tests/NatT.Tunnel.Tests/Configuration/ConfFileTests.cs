using System.Text;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

public sealed class ConfFileTests : IDisposable
{
    private const uint StartingUid = 1000;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("natt-conf-").FullName;
    private readonly string _file;

    private ConfFileFacts _fileFacts = new(ConfFileKind.Regular, OwnerUid: 0, OwnerOnly, StartingUid);
    private ConfFileFacts _folderFacts = new(ConfFileKind.Directory, OwnerUid: 0, OwnerOnly, StartingUid);

    public ConfFileTests()
    {
        _file = Path.Combine(_folder, "peer.conf");
        File.WriteAllText(_file, ConfText.Minimal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0u)]
    [InlineData(StartingUid)]
    public void A_file_of_root_or_the_starting_user_is_read(uint owner)
    {
        _fileFacts = _fileFacts with { OwnerUid = owner };
        _folderFacts = _folderFacts with { OwnerUid = owner };

        using PeerConf? conf = ConfReader.Read(_file, Inspect).Conf;

        Assert.Equal("peer", conf?.Name);
        Assert.Equal(_file, conf?.File);
    }

    [Fact]
    public void A_file_of_anyone_else_is_refused()
    {
        _fileFacts = _fileFacts with { OwnerUid = 1001 };
        _folderFacts = _folderFacts with { OwnerUid = 1002 };

        AssertRefused(
            $"{_file}: belongs to uid 1001, neither root nor the user starting natt-tun, run: chown root {_file}",
            $"{_file}: its folder belongs to uid 1002, neither root nor the user starting natt-tun, run: chown root {_folder}");
    }

    [Theory]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void A_file_open_to_others_is_refused_with_the_chmod_that_mends_it(UnixFileMode open)
    {
        _fileFacts = _fileFacts with { Mode = OwnerOnly | open };

        AssertRefused($"{_file}: accessible to others than its owner, run: chmod 600 {_file}");
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_folder_that_others_may_write_is_refused(UnixFileMode open)
    {
        _folderFacts = _folderFacts with { Mode = OwnerOnly | open };

        AssertRefused($"{_file}: its folder is writable by others, run: chmod go-w {_folder}");
    }

    [Fact]
    public void A_sticky_folder_such_as_tmp_will_do()
    {
        _folderFacts = _folderFacts with { Mode = OwnerOnly | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite | UnixFileMode.StickyBit };

        using PeerConf? conf = ConfReader.Read(_file, Inspect).Conf;

        Assert.NotNull(conf);
    }

    [Fact]
    public void The_folder_that_a_link_leads_to_counts_as_well()
    {
        string elsewhere = Directory.CreateDirectory(Path.Combine(_folder, "elsewhere")).FullName;
        string target = Path.Combine(elsewhere, "real.conf");
        File.Move(_file, target);
        File.CreateSymbolicLink(_file, target);

        ConfResult result = ConfReader.Read(
            _file, path => path == elsewhere ? _folderFacts with { Mode = OwnerOnly | UnixFileMode.OtherWrite } : Inspect(path));

        Assert.Equal([$"{_file}: its folder is writable by others, run: chmod go-w {elsewhere}"], Lines(result));
    }

    [Fact]
    public void Problems_of_the_file_and_of_its_content_are_told_together()
    {
        _fileFacts = _fileFacts with { Mode = OwnerOnly | UnixFileMode.OtherRead };
        File.AppendAllText(_file, "\nmtu = none\n");

        AssertRefused(
            $"{_file}: accessible to others than its owner, run: chmod 600 {_file}",
            $"{_file}:6: mtu: 'none' is no whole number, write one from 576 to 65535");
    }

    [Fact]
    public void A_missing_file_is_one_line()
    {
        string missing = Path.Combine(_folder, "none.conf");
        string farther = Path.Combine(_folder, "none", "none.conf");

        Assert.Equal([$"{missing}: no such file, check the name"], Lines(ConfReader.Read(missing, Inspect)));
        Assert.Equal([$"{farther}: no such folder, check the path"], Lines(ConfReader.Read(farther, Inspect)));
    }

    [Fact]
    public void A_dangling_link_is_told_from_a_missing_file()
    {
        string link = Path.Combine(_folder, "link.conf");
        File.CreateSymbolicLink(link, Path.Combine(_folder, "none.conf"));

        Assert.Equal([$"{link}: a link that leads nowhere, remove it or set it right"], Lines(ConfReader.Read(link, Inspect)));
    }

    [Theory]
    [InlineData("", "'': no usable file name, check it")]
    [InlineData("a\0b", "a?b: no usable file name, check it")]
    public void A_name_that_is_none_is_one_line(string path, string expected)
    {
        Assert.Equal([expected], Lines(ConfReader.Read(path, Inspect)));
    }

    [Theory]
    [InlineData(ConfFileKind.Directory, "a folder, name a file in it")]
    [InlineData(ConfFileKind.Other, "no regular file, copy its content to a file with mode 600")]
    public void What_is_no_file_is_not_opened(ConfFileKind kind, string expected)
    {
        _fileFacts = _fileFacts with { Kind = kind };

        AssertRefused($"{_file}: {expected}");
    }

    [Fact]
    public void What_the_inspector_cannot_see_is_one_line()
    {
        Assert.Equal(
            [$"{_file}: permission denied, start natt-tun as the file's owner or as root"],
            Lines(ConfReader.Read(_file, _ => throw new UnauthorizedAccessException())));
        Assert.Equal(
            [$"{_file}: cannot be read (statx: EIO), check the file"],
            Lines(ConfReader.Read(_file, _ => throw new IOException("statx: EIO"))));
    }

    [Fact]
    public void A_line_of_10_MB_is_one_line_of_output()
    {
        File.WriteAllText(_file, "tun_name = " + new string('x', 10_000_000));

        AssertRefused($"{_file}: larger than 1 MiB, is this a conf file of natt-tun?");
    }

    [Fact]
    public void A_file_of_just_1_MiB_is_read()
    {
        string comments = string.Concat(Enumerable.Repeat("#" + new string('x', 1022) + "\n", 1024));
        File.WriteAllText(_file, comments[..^(ConfText.Minimal.Length + 1)] + "\n" + ConfText.Minimal);

        using PeerConf? conf = ConfReader.Read(_file, Inspect).Conf;

        Assert.Equal(1 << 20, new FileInfo(_file).Length);
        Assert.NotNull(conf);
    }

    [Fact]
    public void Binary_junk_is_one_line()
    {
        File.WriteAllBytes(_file, [0x7F, (byte)'E', (byte)'L', (byte)'F', 0, 1, 2, 3]);

        AssertRefused($"{_file}: not plain text (octet 0x7F on line 1), save it as UTF-8 text with one key = value a line");
    }

    [Fact]
    public void Paths_are_quoted_for_the_shell()
    {
        string odd = Path.Combine(_folder, "it's mine.conf");
        File.WriteAllText(odd, ConfText.Minimal, Encoding.ASCII);
        _fileFacts = _fileFacts with { Mode = OwnerOnly | UnixFileMode.OtherRead };

        Assert.Equal(
            [$"{odd}: accessible to others than its owner, run: chmod 600 '{_folder}/it'\\''s mine.conf'"],
            Lines(ConfReader.Read(odd, Inspect)));
    }

    private static string[] Lines(ConfResult result)
    {
        result.Conf?.Dispose();
        return [.. result.Problems.Select(problem => problem.ToString())];
    }

    private ConfFileFacts Inspect(string path) => Directory.Exists(path) ? _folderFacts : _fileFacts;

    private void AssertRefused(params string[] expected) => Assert.Equal(expected, Lines(ConfReader.Read(_file, Inspect)));
}
