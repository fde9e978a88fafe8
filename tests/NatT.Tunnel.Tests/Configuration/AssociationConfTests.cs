using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

public class AssociationConfTests
{
    private const string Addresses = "local_private_ip = 10.1.0.1\nremote_private_ip = 10.2.0.1\n";
    private const string KeyA = "0x000102030405060708090a0b0c0d0e0f";
    private const string KeyB = "0x101112131415161718191a1b1c1d1e1f";
    private const string KeyC = "0x202122232425262728292a2b2c2d2e2f";
    private const string KeyD = "0x303132333435363738393a3b3c3d3e3f";

    [Fact]
    public void One_SPI_and_key_set_serves_both_directions_from_key_objects_of_their_own()
    {
        PeerConf conf = ConfText.ParseGood(ConfText.Minimal);
        conf.Inbound.Dispose();

        Assert.Equal(0x1234u, conf.Inbound.Spi);
        Assert.Equal(0x1234u, conf.Outbound.Spi);
        Assert.Equal(KeyA, "0x" + Convert.ToHexStringLower(conf.Outbound.EncryptionKey.Octets));
        Assert.Equal(KeyB, "0x" + Convert.ToHexStringLower(conf.Outbound.AuthenticationKey.Octets));
        conf.Outbound.Dispose();
    }

    [Fact]
    public void Each_direction_may_have_its_own()
    {
        using PeerConf conf = ConfText.ParseGood(
            $"{Addresses}spi_in = 256\nspi_out = 0xffffffff\nenc_in = {KeyA}\nenc_out = {KeyB}\nauth_in = {KeyC}\nauth_out = {KeyD}");

        Assert.Equal((256u, uint.MaxValue), (conf.Inbound.Spi, conf.Outbound.Spi));
        Assert.Equal(KeyA, "0x" + Convert.ToHexStringLower(conf.Inbound.EncryptionKey.Octets));
        Assert.Equal(KeyB, "0x" + Convert.ToHexStringLower(conf.Outbound.EncryptionKey.Octets));
        Assert.Equal(KeyC, "0x" + Convert.ToHexStringLower(conf.Inbound.AuthenticationKey.Octets));
        Assert.Equal(KeyD, "0x" + Convert.ToHexStringLower(conf.Outbound.AuthenticationKey.Octets));
        Assert.Empty(conf.Notices);
    }

    [Fact]
    public void One_direction_may_differ_from_what_is_written_for_both()
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.Plus("spi_in = 0x5678"));

        Assert.Equal((0x5678u, 0x1234u), (conf.Inbound.Spi, conf.Outbound.Spi));
    }

    [Theory]
    [InlineData("0x1234", 0x1234u)]
    [InlineData("0X1234", 0x1234u)]
    [InlineData("4660", 0x1234u)]
    [InlineData("0x00001234", 0x1234u)]
    [InlineData("0xc0666a70", 0xc0666a70u)]
    [InlineData("4294967295", uint.MaxValue)]
    public void An_SPI_is_hex_or_decimal(string written, uint expected)
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.With("spi_id", $"spi_id = {written}"));

        Assert.Equal(expected, conf.Inbound.Spi);
    }

    [Theory]
    [InlineData("0", "0 is reserved (RFC 4303 §2.1), write a number from 256 (0x100) to 0xffffffff")]
    [InlineData("0xff", "255 is reserved (RFC 4303 §2.1), write a number from 256 (0x100) to 0xffffffff")]
    [InlineData("0x123456789", "no 32-bit number, write 0x and up to 8 hex digits, or a decimal number without leading zeros")]
    [InlineData("4294967296", "no 32-bit number, write 0x and up to 8 hex digits, or a decimal number without leading zeros")]
    [InlineData("04660", "no 32-bit number, write 0x and up to 8 hex digits, or a decimal number without leading zeros")]
    [InlineData("0x", "no 32-bit number, write 0x and up to 8 hex digits, or a decimal number without leading zeros")]
    [InlineData("-300", "no 32-bit number, write 0x and up to 8 hex digits, or a decimal number without leading zeros")]
    [InlineData("c0666a70", "no 32-bit number, write 0x and up to 8 hex digits, or a decimal number without leading zeros")]
    public void A_bad_SPI_is_refused_once(string written, string expected)
    {
        Assert.Equal([$"p.conf:3: spi_id: {expected}"], ConfText.Problems(ConfText.With("spi_id", $"spi_id = {written}")));
    }

    [Theory]
    [InlineData("spi_id", "spi_in = 300", "p.conf:5: spi_out: missing while spi_in is given, write both, or spi_id for both directions")]
    [InlineData("enc_aes", "enc_out = " + KeyC, "p.conf:5: enc_in: missing while enc_out is given, write both, or enc_aes for both directions")]
    [InlineData("auth", "auth_in = " + KeyC, "p.conf:5: auth_out: missing while auth_in is given, write both, or auth for both directions")]
    [InlineData("auth", "auth =", "p.conf:5: auth: missing, write auth for both directions, or auth_in and auth_out")]
    public void A_missing_half_is_told_with_its_pair(string key, string line, string expected)
    {
        Assert.Equal([expected], ConfText.Problems(ConfText.With(key, line)));
    }

    [Theory]
    [InlineData("spi_in = 300\nspi_out = 301", "info: p.conf:3: spi_id: not used: spi_in and spi_out are given")]
    [InlineData("enc_in = " + KeyA, "warning: p.conf:4: enc_aes: the same key as enc_in on line 6: better give each direction its own")]
    public void What_may_surprise_is_noticed(string lines, string expected)
    {
        Assert.Equal([expected], ConfText.Notices(ConfText.Plus(lines)));
    }

    [Fact]
    public void The_keys_of_a_disposed_conf_are_wiped()
    {
        PeerConf conf = ConfText.ParseGood(ConfText.Minimal);
        ReadOnlySpan<byte> key = conf.Outbound.EncryptionKey.Octets;

        conf.Dispose();

        Assert.False(key.ContainsAnyExcept((byte)0));
    }
}
