using System.Net;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Wire;

public sealed class IpAddressTests
{
    [Theory]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("10.1.0.1", "10.1.0.1")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("FD00:0:0::0001", "fd00::1")]
    [InlineData("fe80::1", "fe80::1")]
    [InlineData("::ffff:10.1.0.1", "10.1.0.1")]
    public void Usual_notations_are_read(string text, string canonical)
    {
        Assert.True(IpAddress.TryParse(text, out IpAddress address));
        Assert.Equal(canonical, address.ToString());
        Assert.Equal(address, IpAddress.Parse(canonical));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("10")]
    [InlineData("10.1")]
    [InlineData("10.1.1")]
    [InlineData("0x0a.1.0.1")]
    [InlineData("010.1.0.1")]
    [InlineData("10.1.0.256")]
    [InlineData("10.1.0.1.")]
    [InlineData("10.1.0.1 ")]
    [InlineData(" 10.1.0.1")]
    [InlineData("10.1.0.1/24")]
    [InlineData("10.1.0.1:1100")]
    [InlineData("167837697")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[fe80::1]")]
    [InlineData("[fe80::1]:1100")]
    [InlineData("fe80::1/64")]
    [InlineData("fe80:::1")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("peer.example")]
    public void Other_notations_are_refused(string text)
    {
        Assert.False(IpAddress.TryParse(text, out _));
        Assert.Throws<FormatException>(() => IpAddress.Parse(text));
    }

    [Fact]
    public void The_families_differ_where_their_bits_do_not() =>
        Assert.NotEqual(IpAddress.Parse("0.0.0.1"), IpAddress.Parse("::1"));

    [Theory]
    [InlineData("10.1.0.1", "0a010001")]
    [InlineData("fd00:1::ab", "fd0000010000000000000000000000ab")]
    public void Octets_lie_in_network_order(string text, string hex)
    {
        byte[] octets = new byte[20];
        var address = IpAddress.Parse(text);

        int size = address.WriteTo(octets);

        Assert.Equal(hex, Convert.ToHexStringLower(octets[..size]));
        Assert.Equal(address, address.IsIPv6 ? IpAddress.ReadIPv6(octets.AsSpan(0, 16)) : IpAddress.ReadIPv4(octets.AsSpan(0, 4)));
        Assert.Equal(IPAddress.Parse(text), address.ToIPAddress());
    }

    [Fact]
    public void A_mapped_address_is_the_ipv4_address_it_stands_for() =>
        Assert.Equal(IpAddress.Parse("192.0.2.1"), IpAddress.From(IPAddress.Parse("192.0.2.1").MapToIPv6()));

    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("::", true)]
    [InlineData("0.0.0.1", false)]
    [InlineData("::1", false)]
    public void Only_all_zeros_is_unspecified(string text, bool expected) => Assert.Equal(expected, IpAddress.Parse(text).IsUnspecified);

    [Fact]
    public void Bit_lengths_are_the_families() =>
        Assert.Equal((32, 128), (IpAddress.Parse("10.0.0.1").BitLength, IpAddress.Parse("fd00::1").BitLength));
}
