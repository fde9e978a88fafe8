using System.Text;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Interchange;

namespace NatT.Tunnel.Tests.Interchange;

public sealed class ScriptsConfTests
{
    private static readonly (string Key, string Value)[] Shared =
    [
        ("spi_in", "0x1001"), ("enc_in", $"0x{XfrmCommandsTests.Repeated("22", 32)}"), ("auth_in", $"0x{XfrmCommandsTests.Repeated("44", 32)}"),
        ("icv_bits", "96"), ("espmode", "espinudp-nonike"), ("replay_window", "0"),
    ];

    [Fact]
    public void What_is_written_is_read_again_as_the_same_tunnel()
    {
        using PeerConf conf = XfrmCommandsTests.Conf(Shared);
        using var text = new SecretText();
        ScriptsConf.Append(text, conf, (IpAddress.Parse("192.0.2.10"), 1100), (IpAddress.Parse("203.0.113.9"), 4510));
        string written = Encoding.UTF8.GetString(text.Octets);

        ConfResult result = ConfReader.Parse("peer.conf", Encoding.UTF8.GetBytes(written + "compat=static-ipsec-nat-t\n"));
        Assert.True(result.IsValid, string.Join('\n', result.Problems));
        using PeerConf again = result.Conf;

        Assert.Null(ScriptsConf.WhyNone(conf));
        Assert.Empty(ScriptsConf.Limits(conf));
        Assert.Contains("\nnat_local_public_ip=203.0.113.9\n", written, StringComparison.Ordinal);
        Assert.Contains("\nnat_local_port=4510\n", written, StringComparison.Ordinal);
        Assert.Equal((conf.RemoteHost, conf.RemotePort, conf.IcvBits, conf.ReplayWindow), (again.RemoteHost, again.RemotePort, again.IcvBits, again.ReplayWindow));
        Assert.Equal(conf.Framing, again.Framing);
        Assert.Equal((conf.Inbound.Spi, conf.Outbound.Spi), (again.Inbound.Spi, again.Outbound.Spi));
        Assert.True(again.Inbound.EncryptionKey.FixedTimeEquals(conf.Inbound.EncryptionKey));
        Assert.True(again.Outbound.AuthenticationKey.FixedTimeEquals(conf.Outbound.AuthenticationKey));
        Assert.Equal(conf.Selector.Local.AsEnumerable(), again.Selector.Local.AsEnumerable());
        Assert.Equal(conf.Selector.Remote.AsEnumerable(), again.Selector.Remote.AsEnumerable());
    }

    [Theory]
    [InlineData("suite", "aes-cbc-hmac-sha1", "suite = aes-cbc-hmac-sha1, and the scripts have aes-cbc-hmac-sha256 alone")]
    [InlineData("icv_bits", "128", "icv_bits = 128, and the scripts' kernel has 96")]
    [InlineData("spi_in", "0x2001", "spi_in and spi_out differ")]
    [InlineData("enc_in", "0x000102030405060708090a0b0c0d0e0f", "each direction has its own keys")]
    [InlineData("local_private_ip", "10.77.0.1, 10.77.0.3", "local_private_ip is more than one address")]
    [InlineData("remote_private_ip", "10.78.0.0/24", "remote_private_ip is more than one address")]
    [InlineData("remote_public_ip", "", "remote_public_ip is empty")]
    public void What_the_scripts_have_no_words_for_is_one_line(string key, string value, string why)
    {
        (string, string)[] icv = key == "suite" ? [("icv_bits", "")] : [];
        using PeerConf conf = XfrmCommandsTests.Conf([.. Shared, .. icv, (key, value)]);

        Assert.StartsWith($"peer.conf: {why}", ScriptsConf.WhyNone(conf), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_scripts_leave_out_is_said()
    {
        using PeerConf conf = XfrmCommandsTests.Conf([.. Shared, ("replay_window", "1024")]);

        Assert.Equal("peer.conf: replay_window = 1024, but the scripts' kernel takes replayed packets", Assert.Single(ScriptsConf.Limits(conf)));
    }
}
