using System.Text;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Interchange;

namespace NatT.Tunnel.Tests.Interchange;

public sealed class EspSaRowsTests
{
    [Fact]
    public void Each_direction_is_a_row()
    {
        using PeerConf conf = XfrmCommandsTests.Conf(("icv_bits", "96"));

        Assert.Equal(
            [
                Row("IPv4", "0x00001001", "22", "HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]", "44"),
                Row("IPv4", "0x00002001", "11", "HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]", "33"),
            ],
            Rows(conf));
    }

    [Fact]
    public void One_SPI_and_key_set_is_one_row_and_an_unknown_peer_may_have_either_IP_version()
    {
        using PeerConf conf = XfrmCommandsTests.Conf(
            ("remote_public_ip", "paris.example"), ("spi_in", "0x1001"),
            ("enc_in", $"0x{XfrmCommandsTests.Repeated("22", 32)}"), ("auth_in", $"0x{XfrmCommandsTests.Repeated("44", 32)}"));

        Assert.Equal(
            [Row("IPv4", "0x00001001", "22", "HMAC-SHA-256-128 [RFC4868]", "44"), Row("IPv6", "0x00001001", "22", "HMAC-SHA-256-128 [RFC4868]", "44")],
            Rows(conf));
    }

    [Fact]
    public void What_Wireshark_cannot_do_is_said()
    {
        string key = $"0x{XfrmCommandsTests.Repeated("11", 36)}", other = $"0x{XfrmCommandsTests.Repeated("22", 36)}";
        using PeerConf chacha = XfrmCommandsTests.Conf(
            ("suite", "chacha20-poly1305"), ("espmode", "espinudp"), ("enc_in", key), ("enc_out", other), ("auth_in", ""), ("auth_out", ""));
        using PeerConf extended = XfrmCommandsTests.Conf(("esn", "yes"), ("espmode", "espinudp"));

        Assert.StartsWith("peer.conf: chacha20-poly1305, which Wireshark knows from 4.6 on; ", Assert.Single(EspSaRows.Limits(chacha)), StringComparison.Ordinal);
        Assert.Equal($"\"IPv4\",\"*\",\"*\",\"0x00001001\",\"ChaCha20 with Poly1305 [RFC7634]\",\"{other}\",\"NULL\",\"\"", Rows(chacha)[0]);
        Assert.StartsWith("peer.conf: esn = yes, ", Assert.Single(EspSaRows.Limits(extended)), StringComparison.Ordinal);
    }

    private static string Row(string version, string spi, string encryption, string hash, string authentication) =>
        $"\"{version}\",\"*\",\"*\",\"{spi}\",\"AES-CBC [RFC3602]\",\"0x{XfrmCommandsTests.Repeated(encryption, 32)}\",\"{hash}\","
        + $"\"0x{XfrmCommandsTests.Repeated(authentication, 32)}\"";

    private static string[] Rows(PeerConf conf)
    {
        using var text = new SecretText();
        EspSaRows.Append(text, conf);
        return Encoding.UTF8.GetString(text.Octets).TrimEnd('\n').Split('\n');
    }
}
