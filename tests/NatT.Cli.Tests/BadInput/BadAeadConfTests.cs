using System.Text;
using NatT.Tunnel.Configuration;

namespace NatT.Cli.Tests.BadInput;

/// <summary>What confs of <c>aes-gcm-16</c> and <c>chacha20-poly1305</c> may not say, each with the lines it draws, whole.</summary>
public sealed class BadAeadConfTests
{
    private const string Key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const string OtherKey = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
    private const string Salt = "40414243";
    private const string OtherSalt = "50515253";

    private static readonly string[] Good =
    [
        "local_private_ip = 10.77.0.1",
        "remote_private_ip = 10.77.0.2",
        "spi_in = 0x1001",
        "spi_out = 0x1002",
        $"enc_in = 0x{Key}{Salt}",
        $"enc_out = 0x{OtherKey}{Salt}",
        "suite = aes-gcm-16",
    ];

    [Theory]
    [InlineData("suite = aes-gcm-16")]
    [InlineData("suite = chacha20-poly1305")]
    [InlineData("enc_in = 0x" + "000102030405060708090a0b0c0d0e0f" + Salt)]
    [InlineData("enc_in = 0x" + "000102030405060708090a0b0c0d0e0f1011121314151617" + Salt)]
    [InlineData("enc_in = 'a key of 16 octets, and'", "p.conf:5: enc_in: 23 octets, but aes-gcm-16 takes a key and 4 octets of salt "
        + "behind it, write 20, 28 or 36 (40, 56 or 72 hex digits behind 0x)")]
    [InlineData("enc_in = 'keys of 16 and salt'", "p.conf:5: enc_in: 19 octets, but aes-gcm-16 takes a key and 4 octets of salt "
        + "behind it, write 20, 28 or 36 (40, 56 or 72 hex digits behind 0x)")]
    [InlineData("enc_in = 0x" + Key, "p.conf:5: enc_in: 32 octets, but aes-gcm-16 takes a key and 4 octets of salt "
        + "behind it, write 20, 28 or 36 (40, 56 or 72 hex digits behind 0x)")]
    [InlineData("enc_in = " + Key + Salt, "p.conf:5: enc_in: 72 hex digits without 0x, which are taken as text, put 0x in front")]
    [InlineData("enc_in = 0x" + OtherKey + Salt, "p.conf:6: enc_out: the same as enc_in on line 5, and aes-gcm-16 needs one for each "
        + "direction, make new ones: natt-tun keygen --suite aes-gcm-16")]
    [InlineData("enc_in = 0x" + OtherKey + OtherSalt, "p.conf:6: enc_out: the same as enc_in on line 5, and aes-gcm-16 needs one for each "
        + "direction, make new ones: natt-tun keygen --suite aes-gcm-16")]
    [InlineData("spi_in = 0x1002", "p.conf:4: spi_out: the same as spi_in on line 3, and aes-gcm-16 needs one for each "
        + "direction, make new ones: natt-tun keygen --suite aes-gcm-16")]
    [InlineData("spi_in = 17", "p.conf:3: spi_in: 17 is reserved (RFC 4303 §2.1), write a number from 256 (0x100) to 0xffffffff")]
    public void Line_that_should_read_otherwise(string line, params string[] problems) =>
        AssertProblems([.. Good.Select(good => KeyOf(good) == KeyOf(line) ? line : good)], problems);

    [Theory]
    [InlineData("icv_bits = 128")]
    [InlineData("esn = yes")]
    [InlineData("icv_bits = 96",
        "p.conf:8: icv_bits: '96' contradicts suite = aes-gcm-16 on line 7, whose ICV has 128 bits, remove one of the two")]
    [InlineData("compat = static-ipsec-nat-t", "p.conf:8: compat: 'static-ipsec-nat-t' contradicts suite = aes-gcm-16 on line 7, "
        + "which means aes-cbc-hmac-sha256, remove one of the two")]
    [InlineData("auth = 0x1122", "p.conf:8: auth: not for suite = aes-gcm-16 on line 7, which authenticates with enc_in and enc_out, "
        + "remove this line")]
    [InlineData("auth_sha256 = 0x1122", "p.conf:8: auth_sha256: not for suite = aes-gcm-16 on line 7, which authenticates with enc_in and "
        + "enc_out, remove this line")]
    [InlineData("auth_in = 0x1122", "p.conf:8: auth_in: not for suite = aes-gcm-16 on line 7, which authenticates with enc_in and enc_out, "
        + "remove this line")]
    [InlineData("spi_id = 0x1234", "p.conf:8: spi_id: for both directions, but suite = aes-gcm-16 on line 7 needs one for each, "
        + "write spi_in and spi_out")]
    [InlineData("enc_aes = 0x1234", "p.conf:8: enc_aes: for both directions, but suite = aes-gcm-16 on line 7 needs one for each, "
        + "write enc_in and enc_out")]
    public void Line_that_is_added(string line, params string[] problems) => AssertProblems([.. Good, line], problems);

    [Theory]
    [InlineData("spi_in", "p.conf:6: spi_in: missing, and suite = aes-gcm-16 needs spi_in and spi_out, write both")]
    [InlineData("enc_out", "p.conf:6: enc_out: missing, and suite = aes-gcm-16 needs enc_in and enc_out, write both")]
    public void Line_that_is_missing(string key, string problem) => AssertProblems([.. Good.Where(good => KeyOf(good) != key)], problem);

    [Fact]
    public void Key_of_the_wrong_length_for_ChaCha20()
    {
        string[] lines = [.. Good.Select(good => KeyOf(good) switch
        {
            "suite" => "suite = chacha20-poly1305",
            "enc_in" => $"enc_in = 0x{Key[..32]}{Salt}",
            _ => good,
        })];

        AssertProblems(lines, "p.conf:5: enc_in: 20 octets, but chacha20-poly1305 takes a key and 4 octets of salt behind it, write 36 "
            + "(72 hex digits behind 0x)");
    }

    private static string KeyOf(string line) => line.Split('=')[0].Trim();

    private static void AssertProblems(string[] lines, params string[] problems)
    {
        ConfResult result = ConfReader.Parse("p.conf", Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
        result.Conf?.Dispose();
        Assert.Equal(problems, result.Problems.Select(problem => problem.ToString()));
    }
}
