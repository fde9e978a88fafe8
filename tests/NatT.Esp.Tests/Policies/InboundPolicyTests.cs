using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Policies;

public sealed class InboundPolicyTests
{
    private readonly InboundPolicy _policy = new(
        new TrafficSelector(
            [IpPrefix.Parse("10.1.0.0/24"), IpPrefix.Parse("fd00:1::/64"), IpPrefix.Parse("224.0.0.0/4")],
            [IpPrefix.Parse("10.0.0.0/8"), IpPrefix.Parse("fd00::/16"), IpPrefix.Parse("127.0.0.0/8")]),
        [IpAddress.Parse("10.1.0.1"), IpAddress.Parse("fd00:1::1")]);

    [Theory]
    [InlineData("10.2.0.1", "10.1.0.1")]
    [InlineData("10.2.0.1", "10.1.0.200")]
    [InlineData("10.1.0.9", "10.1.0.1")]
    [InlineData("10.2.0.1", "224.0.0.5")]
    [InlineData("fd00:2::1", "fd00:1::1")]
    public void Packets_the_selector_allows_pass(string source, string destination) =>
        Assert.Equal(DropReason.None, Check(source, destination));

    [Theory]
    [InlineData("11.0.0.1", "10.1.0.1")]
    [InlineData("10.2.0.1", "10.2.0.2")]
    [InlineData("fd01::1", "fd00:1::1")]
    [InlineData("fd00:2::1", "fd00:3::1")]
    [Produces(DropReason.SelectorMismatch)]
    public void Packets_outside_the_selector_are_dropped(string source, string destination) =>
        Assert.Equal(DropReason.SelectorMismatch, Check(source, destination));

    [Theory]
    [InlineData("127.0.0.1", "10.1.0.1")]
    [InlineData("10.2.0.1", "127.0.0.1")]
    [InlineData("0.0.0.0", "10.1.0.1")]
    [InlineData("224.0.0.5", "10.1.0.1")]
    [InlineData("10.2.0.1", "255.255.255.255")]
    [InlineData("::1", "fd00:1::1")]
    [InlineData("fd00:2::1", "::")]
    [Produces(DropReason.Martian)]
    public void Martians_are_dropped_even_where_the_selector_would_have_them(string source, string destination) =>
        Assert.Equal(DropReason.Martian, Check(source, destination));

    [Theory]
    [InlineData("10.1.0.1", "10.1.0.1")]
    [InlineData("10.1.0.1", "10.2.0.1")]
    [InlineData("fd00:1::1", "fd00:1::1")]
    [Produces(DropReason.OwnSource)]
    public void Our_own_packets_come_back_as_reflections(string source, string destination) =>
        Assert.Equal(DropReason.OwnSource, Check(source, destination));

    [Fact]
    [Produces(DropReason.MalformedInner)]
    public void A_wrong_header_checksum_is_malformed()
    {
        byte[] octets = TestPackets.IPv4("10.2.0.1", "10.1.0.1");
        octets[11] ^= 1;

        Assert.True(InnerPacket.TryRead(octets, out InnerPacket packet));
        Assert.Equal(DropReason.MalformedInner, _policy.Check(packet));
    }

    private DropReason Check(string source, string destination)
    {
        byte[] octets = source.Contains(':', StringComparison.Ordinal)
            ? TestPackets.IPv6(source, destination)
            : TestPackets.IPv4(source, destination);
        Assert.True(InnerPacket.TryRead(octets, out InnerPacket packet));
        return _policy.Check(packet);
    }
}
