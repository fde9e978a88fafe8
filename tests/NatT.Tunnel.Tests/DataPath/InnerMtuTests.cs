using NatT.Crypto.Portable;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Tests.DataPath;

public sealed class InnerMtuTests
{
    private static readonly BouncyCastleAesCbcHmacSha256 Suite = new();

    [Theory]
    [InlineData(1500, false, 0, 16, 1422)]
    [InlineData(1500, false, 0, 12, 1422)]
    [InlineData(1500, false, 8, 16, 1422)]
    [InlineData(1500, false, 8, 12, 1422)]
    [InlineData(1500, true, 0, 16, 1406)]
    [InlineData(1500, true, 8, 16, 1390)]
    [InlineData(1500, true, 8, 12, 1406)]
    [InlineData(1492, false, 0, 16, 1422)]
    [InlineData(1280, true, 8, 16, 1182)]
    public void The_largest_inner_packet_is_as_computed_by_hand(int outer, bool isIPv6, int marker, int icv, int inner)
    {
        Assert.Equal(inner, new InnerMtu(outer, isIPv6, marker, Suite, icv).Value);
    }

    [Theory]
    [InlineData("aes-cbc-hmac-sha1", 0, 12, 1422)]
    [InlineData("aes-cbc-hmac-sha1", 8, 12, 1422)]
    [InlineData("aes-cbc-hmac-sha384", 0, 24, 1422)]
    [InlineData("aes-cbc-hmac-sha384", 8, 24, 1406)]
    [InlineData("aes-cbc-hmac-sha512", 0, 32, 1406)]
    [InlineData("aes-cbc-hmac-sha512", 8, 32, 1406)]
    public void ICVs_of_other_hashes_are_counted(string suite, int marker, int icv, int inner) =>
        Assert.Equal(inner, new InnerMtu(1500, IsIPv6: false, marker, CipherSuites.Find(suite)!, icv).Value);

    [Fact]
    public void The_largest_inner_packet_fits_the_path_and_the_next_larger_one_does_not()
    {
        for (int outer = 600; outer < 1600; outer++)
        {
            var mtu = new InnerMtu(outer, IsIPv6: false, MarkerSize: 8, Suite, IcvSize: 16);

            Assert.True(OuterLength(mtu.Value) <= outer);
            Assert.True(OuterLength(mtu.Value + 1) > outer);
        }
    }

    [Fact]
    public void The_explanation_shows_every_term()
    {
        string line = new InnerMtu(1500, IsIPv6: false, MarkerSize: 0, Suite, IcvSize: 16).ToString();

        Assert.Equal(
            "1500 outer - 20 IPv4 - 8 UDP - 0 non-IKE marker - 8 ESP - 16 IV - 16 ICV,"
            + " down to whole blocks of 16 = 1424, - 2 trailer = 1422",
            line);
    }

    private static int OuterLength(int inner)
    {
        const int IPv4AndUdpAndMarker = 20 + 8 + 8;
        return IPv4AndUdpAndMarker + Suite.Overhead(icvSize: 16) + EspTrailer.PaddedLength(inner, Suite.BlockSize);
    }
}
