using System.Net;
using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Policies;

public sealed class MartianTests
{
    /// <summary>Address, whether it is no source, whether it is no destination.</summary>
    public static TheoryData<string, bool, bool> Addresses => new()
    {
        { "0.0.0.0", true, true },
        { "0.255.255.255", true, true },
        { "1.0.0.0", false, false },
        { "10.1.0.1", false, false },
        { "126.255.255.255", false, false },
        { "127.0.0.1", true, true },
        { "127.255.255.255", true, true },
        { "128.0.0.0", false, false },
        { "192.0.2.1", false, false },
        { "223.255.255.255", false, false },
        { "224.0.0.1", true, false },
        { "239.255.255.255", true, false },
        { "240.0.0.0", true, true },
        { "255.255.255.255", true, true },
        { "::", true, true },
        { "::1", true, true },
        { "::10.1.0.1", true, true },
        { "::1:0:0", false, false },
        { "fd00:1::1", false, false },
        { "fe80::1", false, false },
        { "2001:db8::1", false, false },
        { "ff02::1", true, false },
        { "ffff:ffff::", true, false },
    };

    [Theory]
    [MemberData(nameof(Addresses))]
    public void Addresses_no_network_carries_are_known(string text, bool isNoSource, bool isNoDestination)
    {
        var address = IpAddress.Parse(text);

        Assert.Equal((isNoSource, isNoDestination), (Martian.IsSource(address), Martian.IsDestination(address)));
    }

    [Fact]
    public void A_mapped_address_inside_an_ipv6_packet_is_a_martian()
    {
        // Read as octets: parsing would make it the IPv4 address it stands for.
        var mapped = IpAddress.ReadIPv6(IPAddress.Parse("::ffff:10.1.0.1").GetAddressBytes());

        Assert.True(Martian.IsSource(mapped));
        Assert.True(Martian.IsDestination(mapped));
    }
}
