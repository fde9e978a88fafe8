using System.Security.Cryptography;
using System.Text;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

public sealed class ConfPairTests
{
    private static readonly ConfEnd Here = new("here", "203.0.113.1", "10.77.0.1, fd77::1", "1100");
    private static readonly ConfEnd There = new("there", "peer.example.net", "10.77.0.2, fd77::2, 10.2.0.0/16", "1200", "/srv/state");

    [Fact]
    public void Both_confs_are_good_and_there_is_nothing_to_say_about_them()
    {
        using ConfPair pair = Generate();
        using PeerConf here = Read(pair.First);
        using PeerConf there = Read(pair.Second);

        Assert.Empty(here.Notices);
        Assert.Empty(there.Notices);
        Assert.Equal("peer.example.net", here.RemoteHost);
        Assert.Equal("203.0.113.1", there.RemoteHost);
        Assert.Equal((1100, 1200), (here.BindPort, here.RemotePort));
        Assert.Equal((1200, 1100), (there.BindPort, there.RemotePort));
        Assert.Equal(here.Selector.Local, there.Selector.Remote.AsEnumerable());
        Assert.Equal(there.Selector.Local, here.Selector.Remote.AsEnumerable());
        Assert.Equal(PeerConf.DefaultStateDirectory, here.StateDirectory);
        Assert.Equal("/srv/state", there.StateDirectory);
    }

    [Fact]
    public void What_leaves_one_end_arrives_at_the_other()
    {
        using ConfPair pair = Generate();
        using PeerConf here = Read(pair.First);
        using PeerConf there = Read(pair.Second);

        AssertMatch(here.Outbound, there.Inbound);
        AssertMatch(there.Outbound, here.Inbound);
    }

    [Fact]
    public void Each_direction_has_an_SPI_and_keys_of_its_own_of_full_length()
    {
        using ConfPair pair = Generate();
        using PeerConf here = Read(pair.First);

        Assert.NotEqual(here.Inbound.Spi, here.Outbound.Spi);
        NatT.Esp.Associations.KeyMaterial[] keys =
        [
            here.Inbound.EncryptionKey, here.Outbound.EncryptionKey, here.Inbound.AuthenticationKey, here.Outbound.AuthenticationKey,
        ];
        Assert.All(keys, key => Assert.Equal(256, key.Length * 8));
        Assert.Equal(4, keys.Select(key => Convert.ToHexString(key.Octets)).Distinct().Count());
    }

    [Theory]
    [InlineData("aes-gcm-16")]
    [InlineData("chacha20-poly1305")]
    public void An_AEAD_gets_a_key_and_its_salt_for_each_direction_and_no_other_keys(string suite)
    {
        using ConfPair pair = ConfPair.Generate(Here, There, suite, RandomNumberGenerator.Fill);
        using PeerConf here = Read(pair.First);
        using PeerConf there = Read(pair.Second);

        Assert.Equal((suite, suite), (here.Suite.Name, there.Suite.Name));
        AssertMatch(here.Outbound, there.Inbound);
        AssertMatch(there.Outbound, here.Inbound);
        Assert.Equal((36, 0), (here.Inbound.EncryptionKey.Length, here.Inbound.AuthenticationKey.Length));
        Assert.False(here.Inbound.EncryptionKey.FixedTimeEquals(here.Outbound.EncryptionKey));
        Assert.DoesNotContain("auth", Encoding.UTF8.GetString(pair.First), StringComparison.Ordinal);
        Assert.Empty(here.Notices);
    }

    [Theory]
    [InlineData("aes-cbc-hmac-sha1", 20)]
    [InlineData("aes-cbc-hmac-sha384", 48)]
    [InlineData("aes-cbc-hmac-sha512", 64)]
    public void A_key_for_HMAC_is_as_long_as_its_hash(string suite, int octets)
    {
        using ConfPair pair = ConfPair.Generate(Here, There, suite, RandomNumberGenerator.Fill);
        using PeerConf here = Read(pair.First);
        using PeerConf there = Read(pair.Second);

        Assert.Equal((suite, suite), (here.Suite.Name, there.Suite.Name));
        AssertMatch(here.Outbound, there.Inbound);
        AssertMatch(there.Outbound, here.Inbound);
        Assert.Equal((32, octets), (here.Inbound.EncryptionKey.Length, here.Inbound.AuthenticationKey.Length));
        Assert.Empty(here.Notices);
    }

    [Fact]
    public void Reserved_and_repeated_SPIs_are_drawn_again()
    {
        // Each association takes its keys first; then come the candidates for its SPI.
        uint[] candidates = [0, 255, 256, 256, 0xc0666a70];
        int next = 0;
        using ConfPair pair = ConfPair.Generate(Here, There, ConfPair.DefaultSuite, destination =>
        {
            RandomNumberGenerator.Fill(destination);
            if (destination.Length == sizeof(uint))
            {
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(destination, candidates[next++]);
            }
        });
        using PeerConf here = Read(pair.First);

        Assert.Equal((256u, 0xc0666a70u), (here.Inbound.Spi, here.Outbound.Spi));
        Assert.Equal(candidates.Length, next);
    }

    [Fact]
    public void An_end_that_nobody_knows_is_waited_for()
    {
        using ConfPair pair = ConfPair.Generate(Here with { PublicHost = "" }, There, ConfPair.DefaultSuite, RandomNumberGenerator.Fill);
        using PeerConf there = Read(pair.Second);

        Assert.Null(there.RemoteHost);
        Assert.Empty(there.Notices);
    }

    [Fact]
    public void Long_lists_keep_what_was_written_before_them()
    {
        string list = string.Join(", ", Enumerable.Range(1, 250).Select(i => $"10.200.{i}.0/24"));
        using ConfPair pair = ConfPair.Generate(
            Here with { PrivateAddresses = $"10.77.0.1, {list}" }, There with { PrivateAddresses = "10.77.0.2" }, ConfPair.DefaultSuite,
            RandomNumberGenerator.Fill);
        using PeerConf here = Read(pair.First);

        Assert.Equal(251, here.Selector.Local.Length);
    }

    private static ConfPair Generate() => ConfPair.Generate(Here, There, ConfPair.DefaultSuite, RandomNumberGenerator.Fill);

    private static PeerConf Read(ReadOnlySpan<byte> octets) => ConfText.ParseGood(Encoding.UTF8.GetString(octets));

    private static void AssertMatch(AssociationConf sender, AssociationConf receiver)
    {
        Assert.Equal(sender.Spi, receiver.Spi);
        Assert.True(sender.EncryptionKey.FixedTimeEquals(receiver.EncryptionKey));
        Assert.True(sender.AuthenticationKey.FixedTimeEquals(receiver.AuthenticationKey));
    }
}
