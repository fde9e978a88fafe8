using System.Text;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

public class ConfSyntaxTests
{
    private const int ConfLineLimit = 8192;

    [Theory]
    [InlineData("tun_name=vpn1")]
    [InlineData("tun_name = vpn1")]
    [InlineData("  tun_name\t=\tvpn1  ")]
    [InlineData("tun_name = vpn1 # a comment")]
    [InlineData("tun_name = vpn1\t#a comment with 'an open quote")]
    [InlineData("tun_name = 'vpn1'")]
    [InlineData("tun_name = \"vpn1\" # comment")]
    [InlineData("tun_name = v'pn'\"1\"")]
    [InlineData("tun_name = vpn1\r")]
    [InlineData("tun_name = vpn1 # comment\r")]
    [InlineData("tun_name =\ntun_name = vpn1")]
    [InlineData("tun_name = '' # unset\ntun_name = vpn1\ntun_name =")]
    [InlineData("# tun_name = other\n#\n\n   # indented\ntun_name = vpn1\n\n")]
    public void Values_are_read_as_sh_would(string lines)
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.Plus(lines));

        Assert.Equal("vpn1", conf.TunName);
    }

    [Theory]
    [InlineData("vpn#1", "vpn#1")]
    [InlineData("'vpn #1'", null)]
    [InlineData("'a#b'", "a#b")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("'a\\b'", "a\\b")]
    [InlineData("a\\b", "a\\b")]
    [InlineData("\"a'b\"", "a'b")]
    [InlineData("#", "natt0")]
    [InlineData(" # nothing set", "natt0")]
    public void Quotes_and_comment_marks_keep_their_meaning_inside_each_other(string value, string? expected)
    {
        ConfResult result = ConfText.Parse(ConfText.Plus($"tun_name = {value}"));

        Assert.Equal(expected, result.Conf?.TunName);
        result.Conf?.Dispose();
    }

    [Fact]
    public void A_whole_file_may_have_CRLF_line_ends_and_a_byte_order_mark()
    {
        using PeerConf conf = ConfText.ParseGood("\uFEFF" + ConfText.Minimal.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n");

        Assert.Equal(0x1234u, conf.Inbound.Spi);
    }

    [Fact]
    public void Comments_may_be_in_any_encoding()
    {
        byte[] octets = [.. "# "u8, 0xC4, 0xAC, 0xC8, 0xCF, (byte)'\n', .. Encoding.UTF8.GetBytes(ConfText.Minimal)];

        using PeerConf? conf = ConfReader.Parse("p.conf", octets).Conf;

        Assert.NotNull(conf);
    }

    [Theory]
    [InlineData("tun_name", "p.conf:6: not of the form key = value, write it so or put a # in front")]
    [InlineData("= natt0", "p.conf:6: not of the form key = value, write it so or put a # in front")]
    [InlineData("tun name = natt0", "p.conf:6: not of the form key = value, write it so or put a # in front")]
    [InlineData("tun_name = 'natt0", "p.conf:6: tun_name: quote not closed, add a ' behind the value")]
    [InlineData("tun_name = \"natt0 # \\\"", "p.conf:6: tun_name: quote not closed, add a \" behind the value")]
    [InlineData("tun_name = \"$NAME\"", "p.conf:6: tun_name: $ in double quotes, which sh would expand, use single quotes")]
    [InlineData("tun_name = \"`id`\"", "p.conf:6: tun_name: ` in double quotes, which sh would expand, use single quotes")]
    [InlineData("remote_prot = 1100", "p.conf:6: remote_prot: unknown key, the nearest known one is remote_port")]
    [InlineData("Remote-Port = 1100", "p.conf:6: Remote-Port: unknown key, the nearest known one is remote_port")]
    [InlineData("enc_ase = 0x00", "p.conf:6: enc_ase: unknown key, the nearest known one is enc_aes")]
    [InlineData("nat_local_public_ip_online_gte =", "p.conf:6: nat_local_public_ip_online_gte: unknown key, the nearest known one is nat_local_public_ip_online_get")]
    [InlineData("mtu = 1400\n\nmtu = 1300", "p.conf:8: mtu: already given on line 6, remove one of the two")]
    [InlineData("auth_sha256 = 0x00", "p.conf:6: auth_sha256: another name for auth on line 5, remove one of the two")]
    public void A_bad_line_is_told_with_its_number_and_remedy(string lines, string expected)
    {
        Assert.Equal([expected], ConfText.Problems(ConfText.Plus(lines)));
    }

    [Fact]
    public void All_problems_are_told_at_once_in_the_order_of_their_lines()
    {
        string[] problems = ConfText.Problems(
            """
            mtu = 12
            remote_port = 0
            local_private_ip = 10.1.0.1
            keep_alive = 1
            esn = maybe
            """);

        Assert.Equal(
            [
                "p.conf:1: mtu: '12' is out of range, write a whole number from 576 to 65535",
                "p.conf:2: remote_port: '0' is out of range, write a whole number from 1 to 65535",
                "p.conf:4: keep_alive: unknown key, the nearest known one is keepalive",
                "p.conf:5: remote_private_ip: missing, write the peer's address inside the tunnel, such as 10.77.0.2, or the networks behind it",
                "p.conf:5: esn: 'maybe' is not possible here, write yes or no or 1 or 0",
                "p.conf:5: spi_id: missing, write spi_id for both directions, or spi_in and spi_out",
                "p.conf:5: enc_aes: missing, write enc_aes for both directions, or enc_in and enc_out",
                "p.conf:5: auth: missing, write auth for both directions, or auth_in and auth_out",
            ],
            problems);
    }

    [Fact]
    public void An_empty_file_lacks_its_keys_on_line_1()
    {
        Assert.All(ConfText.Problems(""), line => Assert.StartsWith("p.conf:1: ", line, StringComparison.Ordinal));
        Assert.Equal(5, ConfText.Problems("").Length);
    }

    [Fact]
    public void A_name_that_may_be_half_a_secret_is_not_repeated()
    {
        string[] problems = ConfText.Problems(ConfText.Plus("c2VjcmV0IGtleSBvZiB0aGlydHktdHdvIG9jdGV0cyE="));

        Assert.StartsWith("p.conf:6: unknown key, the nearest known one is ", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_a_terminal_would_obey_is_printed()
    {
        string line = Assert.Single(ConfText.Problems(ConfText.Plus("remote_public_ip = a\u009b31m\u202eb")));

        Assert.Equal(
            "p.conf:6: remote_public_ip: 'a?31m?b' is neither an IP address nor a DNS name, " +
            "write one of them, without brackets, and the port as remote_port",
            line);
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x1B)]
    [InlineData(0x7F)]
    [InlineData((int)'\r')]
    public void Binary_junk_is_one_line(int octet)
    {
        Assert.Equal(
            [$"p.conf: not plain text (octet 0x{octet:X2} on line 6), save it as UTF-8 text with one key = value a line"],
            ConfText.Problems(ConfText.Plus($"tun_name = a{(char)octet}b", "bogus")));
    }

    [Fact]
    public void A_line_too_long_for_any_value_is_refused_by_its_number()
    {
        string tooLong = "local_default_if = " + new string('x', ConfLineLimit);

        Assert.Equal(["p.conf:6: longer than 8192 octets, shorten or split it"], ConfText.Problems(ConfText.Plus(tooLong)));
    }

    [Fact]
    public void A_file_of_something_else_does_not_flood_the_screen()
    {
        string[] problems = ConfText.Problems(string.Concat(Enumerable.Repeat("lorem ipsum\n", 50_000)));

        Assert.Equal(101, problems.Length);
        Assert.Equal("p.conf: too many problems to go on, is this a conf file of natt-tun?", problems[0]);
    }

    [Fact]
    public void No_input_throws()
    {
        var random = new Random(4303);
        byte[] model = Encoding.UTF8.GetBytes(ConfText.Plus(
            "remote_public_ip = 'peer.example'", "icv_bits = 96 # c", "dpd_target = \"10.2.0.1\"", "enc_in = 0x00", "mtu = 1400"));
        ReadOnlySpan<byte> alphabet = "=#'\"\\ \t\r\n0x9af./:,-_$`e\0\u00e9"u8;
        for (int round = 0; round < 1500; round++)
        {
            byte[] octets = [.. model];
            int changes = random.Next(1, 12);
            for (int change = 0; change < changes; change++)
            {
                octets[random.Next(octets.Length)] = random.Next(4) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
            }

            AssertDecided(ConfReader.Parse("p.conf", octets.AsMemory(0, random.Next(octets.Length + 1))));

            byte[] junk = new byte[random.Next(200)];
            random.NextBytes(junk);
            AssertDecided(ConfReader.Parse("p.conf", junk));
        }
    }

    private static void AssertDecided(ConfResult result)
    {
        Assert.NotEqual(result.IsValid, !result.Problems.IsEmpty);
        Assert.All(result.Problems, problem => Assert.DoesNotContain('\n', problem.ToString()));
        result.Conf?.Dispose();
    }
}
