using System.Text;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

public class KeyReadingTests
{
    private const string Hex16 = "202122232425262728292a2b2c2d2e2f";

    [Theory]
    [InlineData("0x" + Hex16, Hex16)]
    [InlineData("\"0x" + Hex16 + "\" # comment", Hex16)]
    [InlineData("0x202122232425262728292A2B2C2D2E2F", Hex16)]
    [InlineData("0x" + Hex16 + "3031323334353637", Hex16 + "3031323334353637")]
    [InlineData("0x" + Hex16 + Hex16, Hex16 + Hex16)]
    [InlineData("sixteen.octets.x", "7369787465656e2e6f63746574732e78")]
    [InlineData("'sixteen # octets'", "7369787465656e2023206f6374657473")]
    [InlineData("a#b=cdefghijklmn", "6123623d636465666768696a6b6c6d6e")]
    public void Keys_are_taken_as_ip_xfrm_takes_them(string written, string expected)
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.With("enc_aes", $"enc_aes = {written}"));

        Assert.Equal(expected, Convert.ToHexStringLower(conf.Inbound.EncryptionKey.Octets));
        Assert.Equal(expected, Convert.ToHexStringLower(conf.Outbound.EncryptionKey.Octets));
    }

    [Fact]
    public void A_plain_text_key_may_hold_octets_that_are_no_UTF8()
    {
        byte[] octets = Encoding.Latin1.GetBytes(ConfText.With("enc_aes", "enc_aes = \u00e9\u00ff0123456789abcd"));

        using PeerConf conf = ConfReader.Parse("p.conf", octets).Conf!;

        Assert.Equal([0xE9, 0xFF], conf.Inbound.EncryptionKey.Octets[..2].ToArray());
        Assert.Equal(16, conf.Inbound.EncryptionKey.Length);
    }

    [Theory]
    [InlineData("0x" + Hex16 + "0", "33 hex digits, an odd number: add the missing one, or a 0 right behind 0x (0x0…) for what ip xfrm would read")]
    [InlineData("0x" + Hex16 + "zz", "character 33 behind 0x is no hex digit, write 0-9 and a-f only")]
    [InlineData("0x", "no digits behind 0x, write the key there")]
    [InlineData("0X" + Hex16, "0X, which ip xfrm takes as text, write 0x for hex digits")]
    [InlineData("0x2021", "2 octets, which AES has no use for, write 16, 24 or 32 (32, 48 or 64 hex digits behind 0x)")]
    [InlineData("secret", "6 octets, which AES has no use for, write 16, 24 or 32 (32, 48 or 64 hex digits behind 0x)")]
    [InlineData(Hex16 + Hex16, "64 hex digits without 0x, which are taken as text, put 0x in front")]
    [InlineData("eight oc eight o", "a blank in the key, remove it, or put the key in quotes if the blank belongs to it")]
    public void A_bad_AES_key_is_told_without_repeating_it(string written, string expected)
    {
        Assert.Equal([$"p.conf:4: enc_aes: {expected}"], ConfText.Problems(ConfText.With("enc_aes", $"enc_aes = {written}")));
    }

    [Fact]
    public void An_HMAC_key_has_any_length_up_to_512_octets()
    {
        string longest = new('k', 512);
        using PeerConf one = ConfText.ParseGood(ConfText.With("auth", "auth = k"));
        using PeerConf most = ConfText.ParseGood(ConfText.With("auth", $"auth = {longest}"));

        Assert.Equal(1, one.Inbound.AuthenticationKey.Length);
        Assert.Equal(512, most.Inbound.AuthenticationKey.Length);
        Assert.Equal(
            ["p.conf:5: auth: longer than 512 octets, shorten it"],
            ConfText.Problems(ConfText.With("auth", $"auth = {longest}k")));
        Assert.Equal(
            ["p.conf:5: auth: longer than 512 octets, shorten it"],
            ConfText.Problems(ConfText.With("auth", $"auth = 0x{longest.Replace("k", "aa", StringComparison.Ordinal)}bb")));
    }

    [Theory]
    [InlineData("auth = 0x101112131415161718191a1b1c1d1e1f", null)]
    [InlineData("auth = 0x101112131415161718191a1b1c1d1e", "p.conf:5: auth: a key of 120 bits can be guessed: better write 256 bits (64 hex digits behind 0x)")]
    [InlineData("auth = 101112131415161718191a1b1c1d1e1f", "p.conf:5: auth: hex digits without 0x are taken as 32 octets of text, as ip xfrm does: put 0x in front if they are hex")]
    [InlineData(
        "auth = 0x8896ab8654cd9875e214a978bd31209f",
        "p.conf:5: auth: PUBLIC KEY MATERIAL: this key is printed in a sample, so anyone can read and forge this tunnel's packets; " +
        "make a fresh one: echo 0x$(head -c 16 /dev/urandom | od -An -vtx1 | tr -d ' \\n')")]
    [InlineData(
        "auth = 0x4444444444444444444444444444444444444444444444444444444444444444",
        "p.conf:5: auth: PUBLIC KEY MATERIAL: this key is printed in a sample, so anyone can read and forge this tunnel's packets; " +
        "make a fresh one: echo 0x$(head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \\n')")]
    public void A_weak_or_public_key_is_warned_of(string line, string? expected)
    {
        string[] notices = expected is null ? [] : ["warning: " + expected];

        Assert.Equal(notices, ConfText.Notices(ConfText.With("auth", line)));
    }

    [Theory]
    [InlineData("enc_aes = 0x{0}", "{0}")]
    [InlineData("enc_aes = 0x{0}0", "{0}")]
    [InlineData("enc_aes = 0x{0}zz", "{0}")]
    [InlineData("enc_aes = {0}{0}{0}", "{0}")]
    [InlineData("enc_aes = '{0}", "{0}")]
    [InlineData("enc_aes {0}", "{0}")]
    [InlineData("spi_id = 0x{0}", "{0}")]
    [InlineData("remote_public_ip = 0x{0}", "{0}")]
    [InlineData("tun_name = {0}{0}", "{0}")]
    [InlineData("0x{0}{0} =", "{0}")]
    public void No_line_ever_repeats_a_key(string line, string secret)
    {
        const string Key = "5e1f00d5ec2e7c0ffee123456789abcd";
        ConfResult result = ConfText.Parse(string.Format(null, line, Key));

        Assert.False(result.IsValid);
        Assert.All(result.Problems, problem => Assert.DoesNotContain(string.Format(null, secret, Key), problem.ToString()));
    }
}
