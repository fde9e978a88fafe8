using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Policies;

public sealed class IpPrefixTests
{
    [Theory]
    [InlineData("10.1.0.0/24", "10.1.0.0/24", false)]
    [InlineData("10.1.0.77/24", "10.1.0.0/24", false)]
    [InlineData("10.1.0.77", "10.1.0.77/32", true)]
    [InlineData("255.255.255.255/0", "0.0.0.0/0", false)]
    [InlineData("255.255.255.255/1", "128.0.0.0/1", false)]
    [InlineData("fd00:1::77/64", "fd00:1::/64", false)]
    [InlineData("fd00:1::77", "fd00:1::77/128", true)]
    [InlineData("ffff::1/0", "::/0", false)]
    public void A_prefix_is_its_network(string text, string canonical, bool isHost)
    {
        var prefix = IpPrefix.Parse(text);

        Assert.Equal(canonical, prefix.ToString());
        Assert.Equal(isHost, prefix.IsHost);
        Assert.Equal(prefix, IpPrefix.Parse(canonical));
    }

    [Theory]
    [InlineData("10.1.0.0/")]
    [InlineData("10.1.0.0/x")]
    [InlineData("10.1.0.0/+24")]
    [InlineData("10.1.0.0/-1")]
    [InlineData("10.1.0.0/ 24")]
    [InlineData("10.1.0.0/24 ")]
    [InlineData("10.1.0.0/24/24")]
    [InlineData("10.1/16")]
    [InlineData("/24")]
    [InlineData("")]
    public void A_prefix_in_another_notation_is_refused(string text) => Assert.Throws<FormatException>(() => IpPrefix.Parse(text));

    [Theory]
    [InlineData("10.1.0.0/33")]
    [InlineData("fd00::/129")]
    public void A_prefix_longer_than_its_addresses_is_refused(string text) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => IpPrefix.Parse(text));

    [Theory]
    [InlineData("10.1.0.0/24", "10.1.0.0", true)]
    [InlineData("10.1.0.0/24", "10.1.0.255", true)]
    [InlineData("10.1.0.0/24", "10.1.1.0", false)]
    [InlineData("10.1.0.0/24", "10.0.255.255", false)]
    [InlineData("10.1.0.1/32", "10.1.0.1", true)]
    [InlineData("10.1.0.1/32", "10.1.0.0", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::/0", "10.1.0.1", false)]
    [InlineData("::/0", "ffff::", true)]
    [InlineData("fd00:1::/64", "fd00:1::ffff:ffff:ffff:ffff", true)]
    [InlineData("fd00:1::/64", "fd00:1:0:1::", false)]
    [InlineData("fd00:1::1/128", "fd00:1::1", true)]
    [InlineData("fd00:1::1/128", "fd00:1::2", false)]
    public void A_prefix_contains_the_addresses_that_share_its_bits(string prefix, string address, bool expected) =>
        Assert.Equal(expected, IpPrefix.Parse(prefix).Contains(IpAddress.Parse(address)));

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true)]
    [InlineData("10.1.0.0/16", "10.1.0.0/16", true)]
    [InlineData("10.1.0.0/16", "10.2.0.0/16", false)]
    [InlineData("0.0.0.0/0", "::/0", false)]
    [InlineData("::/0", "fd00::1/128", true)]
    public void Two_prefixes_overlap_where_one_contains_the_other(string one, string other, bool expected)
    {
        Assert.Equal(expected, IpPrefix.Parse(one).Overlaps(IpPrefix.Parse(other)));
        Assert.Equal(expected, IpPrefix.Parse(other).Overlaps(IpPrefix.Parse(one)));
    }
}
