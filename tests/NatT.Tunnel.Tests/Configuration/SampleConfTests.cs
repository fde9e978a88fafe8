using NatT.Esp.Associations;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

public class SampleConfTests
{
    private static readonly string Samples = FindSamples();

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Samples, "*.conf", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Samples, file))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_sample_is_valid_and_warns_of_each_of_its_public_keys(string file)
    {
        using PeerConf conf = Load(file);

        int keys = File.ReadLines(Path.Combine(Samples, file))
            .Count(line => line.StartsWith("enc", StringComparison.Ordinal) || line.StartsWith("auth", StringComparison.Ordinal));
        Assert.Equal(keys, conf.Notices.Count(notice => notice.IsWarning && notice.Text.Contains("PUBLIC KEY MATERIAL", StringComparison.Ordinal)));
        string[] others = [.. conf.Notices
            .Where(notice => notice.IsWarning && !notice.Text.Contains("PUBLIC KEY MATERIAL", StringComparison.Ordinal)).Select(notice => notice.Text)];
        if (file.Contains("hub.d", StringComparison.Ordinal))
        {
            // The spokes' network is the hub's own, and the sample says that this is meant.
            Assert.Contains("counts as the narrower one's", Assert.Single(others), StringComparison.Ordinal);
        }
        else
        {
            Assert.Empty(others);
        }
    }

    [Fact]
    public void The_two_peers_mirror_each_other()
    {
        using PeerConf a = Load("two-peers/a.conf");
        using PeerConf b = Load("two-peers/b.conf");

        AssertMatch(a.Outbound, b.Inbound);
        AssertMatch(b.Outbound, a.Inbound);
        Assert.Equal(a.Selector.Local, b.Selector.Remote.AsEnumerable());
        Assert.Equal(b.Selector.Local, a.Selector.Remote.AsEnumerable());
        Assert.Equal(a.ProbeTarget, b.ProbeSource);
        Assert.Equal(256, a.Outbound.EncryptionKey.Length * 8);
        Assert.False(a.Inbound.EncryptionKey.FixedTimeEquals(a.Outbound.EncryptionKey));
        Assert.False(a.Inbound.AuthenticationKey.FixedTimeEquals(a.Outbound.AuthenticationKey));
    }

    [Fact]
    public void The_scripts_conf_runs_unchanged_and_is_told_what_a_kernel_peer_needs()
    {
        using PeerConf conf = Load("static-ipsec-nat-t/peer.conf");

        Assert.Equal(0xc0666a70u, conf.Inbound.Spi);
        Assert.Equal(conf.Inbound.Spi, conf.Outbound.Spi);
        Assert.Equal(192, conf.Inbound.EncryptionKey.Length * 8);
        Assert.Equal(128, conf.Inbound.AuthenticationKey.Length * 8);
        Assert.Equal(IpAddress.Parse("10.1.0.1"), conf.ProbeSource);
        Assert.Equal(IpAddress.Parse("10.2.0.1"), conf.ProbeTarget);
        Assert.Contains(conf.Notices, notice => !notice.IsWarning && notice.Text.Contains("add compat = static-ipsec-nat-t", StringComparison.Ordinal));
        Assert.Single(conf.Notices, notice => notice.Text.Contains("not needed", StringComparison.Ordinal));
    }

    [Fact]
    public void The_scripts_unfilled_template_lacks_only_the_addresses()
    {
        string template = string.Join('\n', File.ReadLines(Path.Combine(Samples, "static-ipsec-nat-t/peer.conf"))
            .Select(line => line.Contains("_ip=", StringComparison.Ordinal) || line.Contains("_ssh_", StringComparison.Ordinal)
                ? line[..(line.IndexOf('=', StringComparison.Ordinal) + 1)]
                : line));

        Assert.Equal(2, ConfText.Problems(template).Length);
        Assert.All(ConfText.Problems(template), line => Assert.Contains("_private_ip: missing", line, StringComparison.Ordinal));
    }

    private static PeerConf Load(string file)
    {
        ConfResult result = ConfReader.Parse(file, File.ReadAllBytes(Path.Combine(Samples, file)));
        Assert.Empty(result.Problems.Select(problem => problem.ToString()));
        return result.Conf!;
    }

    private static void AssertMatch(AssociationConf sender, AssociationConf receiver)
    {
        Assert.Equal(sender.Spi, receiver.Spi);
        Assert.True(sender.EncryptionKey.FixedTimeEquals(receiver.EncryptionKey));
        Assert.True(sender.AuthenticationKey.FixedTimeEquals(receiver.AuthenticationKey));
    }

    private static string FindSamples()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NatT.Userspace.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return Path.Combine(folder ?? throw new DirectoryNotFoundException("no NatT.Userspace.sln above the tests"), "samples");
    }
}
