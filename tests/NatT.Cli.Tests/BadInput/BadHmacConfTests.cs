using System.Text;
using NatT.Tunnel.Configuration;

namespace NatT.Cli.Tests.BadInput;

/// <summary>What confs of the other hashes than SHA-256 may not say, each with the lines it draws, whole.</summary>
public sealed class BadHmacConfTests
{
    private static readonly string[] Good =
    [
        "local_private_ip = 10.77.0.1",
        "remote_private_ip = 10.77.0.2",
        "spi_id = 0x1001",
        "enc_aes = 0x000102030405060708090a0b0c0d0e0f",
        "auth = 0x101112131415161718191a1b1c1d1e1f20212223",
    ];

    [Theory]
    [InlineData("sha1", "icv_bits = 96")]
    [InlineData("sha1", "esn = yes")]
    [InlineData("sha384", "icv_bits = 192")]
    [InlineData("sha512", "icv_bits = 256")]
    [InlineData("sha1", "icv_bits = 128",
        "p.conf:7: icv_bits: '128' contradicts suite = aes-cbc-hmac-sha1 on line 6, whose ICV has 96 bits, remove one of the two")]
    [InlineData("sha1", "icv_bits = 160", "p.conf:7: icv_bits: '160' is not possible here, write 96")]
    [InlineData("sha384", "icv_bits = 96",
        "p.conf:7: icv_bits: '96' contradicts suite = aes-cbc-hmac-sha384 on line 6, whose ICV has 192 bits, remove one of the two")]
    [InlineData("sha384", "icv_bits = 128",
        "p.conf:7: icv_bits: '128' contradicts suite = aes-cbc-hmac-sha384 on line 6, whose ICV has 192 bits, remove one of the two")]
    [InlineData("sha512", "icv_bits = 96",
        "p.conf:7: icv_bits: '96' contradicts suite = aes-cbc-hmac-sha512 on line 6, whose ICV has 256 bits, remove one of the two")]
    [InlineData("sha512", "icv_bits = 192",
        "p.conf:7: icv_bits: '192' contradicts suite = aes-cbc-hmac-sha512 on line 6, whose ICV has 256 bits, remove one of the two")]
    [InlineData("sha512", "icv_bits = 512", "p.conf:7: icv_bits: '512' is not possible here, write 256")]
    [InlineData("sha256", "icv_bits = 192", "p.conf:7: icv_bits: '192' is not possible here, write 128 or 96")]
    [InlineData("sha1", "compat = static-ipsec-nat-t", "p.conf:7: compat: 'static-ipsec-nat-t' contradicts suite = aes-cbc-hmac-sha1 "
        + "on line 6, which means aes-cbc-hmac-sha256, remove one of the two")]
    [InlineData("sha512", "compat = static-ipsec-nat-t", "p.conf:7: compat: 'static-ipsec-nat-t' contradicts suite = aes-cbc-hmac-sha512 "
        + "on line 6, which means aes-cbc-hmac-sha256, remove one of the two")]
    public void Line_that_is_added(string hash, string line, params string[] problems) =>
        AssertProblems([.. Good, $"suite = aes-cbc-hmac-{hash}", line], problems);

    [Theory]
    [InlineData("auth", "p.conf:5: auth: missing, write auth for both directions, or auth_in and auth_out")]
    [InlineData("enc_aes", "p.conf:5: enc_aes: missing, write enc_aes for both directions, or enc_in and enc_out")]
    public void Line_that_is_missing(string key, string problem) => AssertProblems(
        [.. Good.Where(good => !good.StartsWith($"{key} ", StringComparison.Ordinal)), "suite = aes-cbc-hmac-sha384"], problem);

    private static void AssertProblems(string[] lines, params string[] problems)
    {
        ConfResult result = ConfReader.Parse("p.conf", Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
        result.Conf?.Dispose();
        Assert.Equal(problems, result.Problems.Select(problem => problem.ToString()));
    }
}
