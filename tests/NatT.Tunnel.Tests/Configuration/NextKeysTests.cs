using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

/// <summary>The keys that are to follow those in use.</summary>
public sealed class NextKeysTests
{
    private static readonly string[] Next =
    [
        "next_spi_in = 0x2001",
        "next_spi_out = 0x2002",
        "next_enc_in = 0x200102030405060708090a0b0c0d0e0f",
        "next_enc_out = 0x300102030405060708090a0b0c0d0e0f",
        "next_auth_in = 0x401112131415161718191a1b1c1d1e1f",
        "next_auth_out = 0x501112131415161718191a1b1c1d1e1f",
    ];

    [Fact]
    public void All_six_make_a_pair_of_SAs_beside_the_one_in_use()
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.Plus([.. Next, "retire_after = 30"]));

        Assert.Equal(0x2001u, conf.NextInbound?.Spi);
        Assert.Equal(0x2002u, conf.NextOutbound?.Spi);
        Assert.Equal(0x20, conf.NextInbound!.EncryptionKey.Octets[0]);
        Assert.Equal(0x50, conf.NextOutbound!.AuthenticationKey.Octets[0]);
        Assert.Equal(TimeSpan.FromSeconds(30), conf.RetireAfter);
    }

    [Fact]
    public void Without_any_there_is_none_and_old_keys_go_by_traffic_alone()
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.Plus("retire_after = no"));

        Assert.Null(conf.NextInbound);
        Assert.Null(conf.NextOutbound);
        Assert.Null(conf.RetireAfter);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void One_that_lacks_is_asked_for(int lacking)
    {
        string key = Next[lacking].Split(' ')[0];

        string problem = Assert.Single(ConfText.Problems(ConfText.Plus([.. Next.Where((_, i) => i != lacking)])));

        Assert.Contains($": {key}: missing while next_", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Inbound_SPI_must_be_another_than_the_one_in_use() => AssertRefused(
        "p.conf:6: next_spi_in: the same as spi_in, and both are in use at a time, write another number", 0, "next_spi_in = 0x1234");

    [Fact]
    public void Key_in_use_is_no_next_key() => AssertRefused(
        "p.conf:9: next_enc_out: the key that is in use already, make new ones: natt-tun keygen --next FILE",
        3, "next_enc_out = 0x000102030405060708090a0b0c0d0e0f");

    [Fact]
    public void Key_of_a_wrong_length_is_refused_as_any() => AssertRefused(
        "p.conf:8: next_enc_in: 2 octets, which AES has no use for, write 16, 24 or 32 (32, 48 or 64 hex digits behind 0x)",
        2, "next_enc_in = 0x1234");

    [Fact]
    public void Two_files_share_no_inbound_SPI_be_it_a_next_one()
    {
        ConfResult first = ConfText.Parse(ConfText.Plus(Next));
        ConfResult second = ConfText.Parse(
            ConfText.With("spi_id", "spi_id = 0x2001").Replace("10.2.0.1", "10.3.0.1", StringComparison.Ordinal));
        using ConfSet set = ConfSet.Compose([first.Conf! with { File = "a.conf" }, second.Conf! with { File = "b.conf" }], []);

        Assert.Contains(set.Problems, problem => problem.ToString().StartsWith("b.conf:3: spi_id: 0x2001 also in a.conf:6", StringComparison.Ordinal));
    }

    private static void AssertRefused(string expected, int line, string replacement) =>
        Assert.Equal([expected], ConfText.Problems(ConfText.Plus([.. Next.Select((old, i) => i == line ? replacement : old)])));
}
