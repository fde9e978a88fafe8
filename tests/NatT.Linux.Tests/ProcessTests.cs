namespace NatT.Linux.Tests;

public sealed class ProcessTests
{
    [Fact]
    public void Entropy_fills_the_whole_span_anew()
    {
        byte[] first = new byte[100_000];
        byte[] second = new byte[100_000];

        Entropy.Fill(first);
        Entropy.Fill(second);
        Entropy.Fill([]);

        Assert.NotEqual(first, second);
        Assert.Contains(first[^16..], octet => octet != 0);
        Assert.Equal(256, first.Distinct().Count());
    }

    [Fact]
    public void Status_tells_owner_mode_and_kind()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory();
        try
        {
            string file = Path.Combine(directory.FullName, "peer.conf");
            File.WriteAllText(file, "");
            const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.GroupWrite | UnixFileMode.OtherExecute;
            File.SetUnixFileMode(file, mode);

            Assert.Equal(new FileStatus(EffectiveUser.Id, mode, IsDirectory: false, IsRegular: true), FileStatus.Read(file));
            Assert.True(FileStatus.Read(directory.FullName).IsDirectory);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void Status_follows_links_and_keeps_the_sticky_bit()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory();
        try
        {
            string target = Path.Combine(directory.FullName, "target");
            string link = Path.Combine(directory.FullName, "link");
            Directory.CreateDirectory(target);
            File.SetUnixFileMode(target, UnixFileMode.StickyBit | UnixFileMode.UserRead);
            File.CreateSymbolicLink(link, target);

            Assert.Equal(new FileStatus(EffectiveUser.Id, UnixFileMode.StickyBit | UnixFileMode.UserRead, IsDirectory: true, IsRegular: false), FileStatus.Read(link));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void Missing_file_is_named()
    {
        LinuxException failure = Assert.Throws<LinuxException>(() => FileStatus.Read("/nowhere/peer.conf"));

        Assert.Equal("cannot look at /nowhere/peer.conf (statx: ENOENT, No such file or directory)", failure.Message);
        Assert.Equal(2, failure.ErrorNumber);
    }

    [Fact]
    public void Directory_is_flushed_and_a_missing_one_named()
    {
        DirectorySync.Flush(Path.GetTempPath());

        LinuxException failure = Assert.Throws<LinuxException>(() => DirectorySync.Flush("/nowhere"));
        Assert.Equal("cannot open directory /nowhere (open: ENOENT, No such file or directory)", failure.Message);
    }

    [Theory]
    [InlineData(Capability.NetAdmin)]
    [InlineData(Capability.NetBindService)]
    public void Capability_is_what_proc_says(Capability capability)
    {
        string line = File.ReadLines("/proc/thread-self/status").Single(text => text.StartsWith("CapEff:", StringComparison.Ordinal));
        ulong effective = Convert.ToUInt64(line["CapEff:".Length..].Trim(), 16);

        Assert.Equal((effective >> (int)capability & 1) == 1, ProcessCapabilities.Has(capability));
    }

    [Fact]
    public void Unknown_error_keeps_its_number() =>
        Assert.Contains("errno 9999", new LinuxException("read", 9999, "cannot read").Message, StringComparison.Ordinal);
}
