using System.Text;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

/// <summary>What peers are called where files in several folders have one name.</summary>
public sealed class PeerNameTests
{
    [Theory]
    [InlineData("/etc/natt/paris.conf /etc/natt/lyon.conf", "paris lyon")]
    [InlineData("/etc/x/peer.conf /etc/y/peer.conf", "x/peer y/peer")]
    [InlineData("/etc/x/peer.conf /etc/y/peer.conf /etc/y/paris.conf", "x/peer y/peer paris")]
    [InlineData("/a/x/peer.conf /b/x/peer.conf /c/y/peer.conf", "a/x/peer b/x/peer y/peer")]
    [InlineData("/peer.conf /x/peer.conf /x/x/peer.conf", "/peer /x/peer x/x/peer")]
    [InlineData("/x/peer /y/peer.conf", "x/peer y/peer")]
    [InlineData("/x/peer /x/peer.conf", "/x/peer /x/peer.conf")]
    [InlineData("/x/peer.conf /x/../y/peer.conf", "x/peer y/peer")]
    public void Names_have_as_many_folders_in_front_as_tell_them_apart(string files, string names)
    {
        using ConfSet set = ConfSet.Compose([.. files.Split(' ').Select(Conf)], []);

        Assert.Empty(set.Problems);
        Assert.Equal(names.Split(' '), set.Peers.Select(conf => conf.Name));
    }

    [Fact]
    public void A_file_of_the_working_folder_gets_that_folder_in_front()
    {
        string here = Path.GetFileName(Environment.CurrentDirectory);
        using ConfSet set = ConfSet.Compose([Conf("peer.conf", 0), Conf("/nowhere/peer.conf", 1)], []);

        Assert.Equal([$"{here}/peer", "nowhere/peer"], set.Peers.Select(conf => conf.Name));
    }

    private static PeerConf Conf(string file, int number)
    {
        string text = $"""
            local_private_ip = 10.1.0.1
            remote_private_ip = 10.2.0.{number + 1}
            spi_id = {number + 1000}
            enc_aes = 0x000102030405060708090a0b0c0d0e0f
            auth = 0x101112131415161718191a1b1c1d1e1f
            """;
        return ConfReader.Parse(file, Encoding.UTF8.GetBytes(text)).Conf!;
    }
}
