using System.Security.Cryptography;
using System.Text;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

/// <summary>What a conf must have for <c>mode = transport</c>.</summary>
public sealed class TransportConfTests
{
    private const string Keys =
        """
        spi_id = 0x1234
        enc_in = 0x000102030405060708090a0b0c0d0e0f
        enc_out = 0x100102030405060708090a0b0c0d0e0f
        auth_in = 0x101112131415161718191a1b1c1d1e1f
        auth_out = 0x201112131415161718191a1b1c1d1e1f
        mode = transport
        """;

    [Theory]
    [InlineData("10.1.0.1", "10.2.0.1", 20)]
    [InlineData("10.1.0.1/32", "10.2.0.1/32", 20)]
    [InlineData("fd01::1", "fd02::1", 40)]
    public void One_address_on_each_side_and_separate_keys_make_a_good_conf(string local, string remote, int omitted)
    {
        using PeerConf conf = ConfText.ParseGood(Conf(local, remote));

        Assert.True(conf.IsTransport);
        Assert.Equal(omitted, conf.OmittedHeaderSize);
        Assert.Empty(conf.Notices);
    }

    [Fact]
    public void The_default_is_tunnel_mode()
    {
        using PeerConf none = ConfText.ParseGood(ConfText.Minimal);
        using PeerConf named = ConfText.ParseGood(ConfText.Plus("mode = tunnel"));

        Assert.False(none.IsTransport);
        Assert.False(named.IsTransport);
        Assert.Equal(0, none.OmittedHeaderSize);
    }

    [Fact]
    public void More_than_one_address_is_refused() => Assert.Equal(
        [
            "p.conf:1: local_private_ip: 2 of them, but mode = transport on line 8 goes from one address to one, "
            + "write a single address, or use mode = tunnel",
            "p.conf:2: remote_private_ip: 2 of them, but mode = transport on line 8 goes from one address to one, "
            + "write a single address, or use mode = tunnel",
        ],
        ConfText.Problems(Conf("10.1.0.1, fd01::1", "10.2.0.1, fd02::1")));

    [Theory]
    [InlineData("10.2.0.1/24")]
    [InlineData("10.2.0.0/24")]
    public void A_network_is_refused(string remote)
    {
        string problem = ConfText.Problems(Conf("10.1.0.1", remote))[0];

        Assert.Equal(
            $"p.conf:2: remote_private_ip: {remote} is a network, but mode = transport on line 8 goes from one address to one, "
            + "write an address without /24, or use mode = tunnel",
            problem);
    }

    [Fact]
    public void Keys_for_both_directions_are_refused() => Assert.Equal(
        [
            "p.conf:4: enc_aes: for both directions, but mode = transport on line 6 needs one for each, "
            + "write enc_in and enc_out: natt-tun keygen --mode transport makes them",
            "p.conf:5: auth: for both directions, but mode = transport on line 6 needs one for each, "
            + "write auth_in and auth_out: natt-tun keygen --mode transport makes them",
        ],
        ConfText.Problems(ConfText.Plus("mode = transport")));

    [Fact]
    public void Equal_keys_under_two_names_are_refused() => Assert.Equal(
        [
            "p.conf:7: auth_out: the same key as auth_in on line 6, but mode = transport on line 8 needs one for each, "
            + "write auth_in and auth_out: natt-tun keygen --mode transport makes them",
        ],
        ConfText.Problems(Conf("10.1.0.1", "10.2.0.1").Replace("0x2011", "0x1011", StringComparison.Ordinal)));

    [Fact]
    public void The_scripts_kernel_has_tunnel_mode_only() => Assert.Contains(
        "p.conf:8: mode: 'transport' contradicts compat = static-ipsec-nat-t on line 9, which means tunnel mode, remove one of the two",
        ConfText.Problems(Conf("10.1.0.1", "10.2.0.1") + "\ncompat = static-ipsec-nat-t"));

    [Theory]
    [InlineData("aes-gcm-16")]
    [InlineData("aes-cbc-hmac-sha256")]
    public void Keygens_confs_are_good(string suite)
    {
        var here = new ConfEnd("here", "203.0.113.1", "10.77.0.1", "1100");
        var there = new ConfEnd("there", "203.0.113.2", "10.77.0.2", "1100");

        using ConfPair pair = ConfPair.Generate(here, there, suite, RandomNumberGenerator.Fill, "transport");

        using PeerConf conf = ConfText.ParseGood(Encoding.UTF8.GetString(pair.First));
        Assert.True(conf.IsTransport);
        Assert.Empty(conf.Notices);
    }

    private static string Conf(string local, string remote) =>
        $"local_private_ip = {local}\nremote_private_ip = {remote}\n{Keys}";
}
