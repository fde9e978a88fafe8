using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Policies;

public sealed class TrafficSelectorTests
{
    private readonly TrafficSelector _selector = new(
        [IpPrefix.Parse("10.1.0.0/24"), IpPrefix.Parse("fd00:1::/64")],
        [IpPrefix.Parse("10.2.0.0/24"), IpPrefix.Parse("10.3.0.7/32"), IpPrefix.Parse("fd00:2::/64")]);

    [Theory]
    [InlineData("10.1.0.1", "10.2.0.1", true)]
    [InlineData("10.1.0.255", "10.3.0.7", true)]
    [InlineData("fd00:1::1", "fd00:2::1", true)]
    [InlineData("10.1.1.1", "10.2.0.1", false)]
    [InlineData("10.1.0.1", "10.3.0.8", false)]
    [InlineData("10.1.0.1", "10.1.0.2", false)]
    [InlineData("10.2.0.1", "10.1.0.1", false)]
    [InlineData("fd00:1::1", "fd00:3::1", false)]
    [InlineData("fd00:3::1", "fd00:2::1", false)]
    public void Packets_go_from_local_to_remote_and_come_back_the_other_way(string local, string remote, bool expected)
    {
        var ours = IpAddress.Parse(local);
        var theirs = IpAddress.Parse(remote);

        Assert.Equal(expected, _selector.AllowsOutbound(ours, theirs));
        Assert.Equal(expected, _selector.AllowsInbound(theirs, ours));
    }

    [Fact]
    public void An_empty_side_allows_nothing()
    {
        var selector = new TrafficSelector([IpPrefix.Parse("0.0.0.0/0")], []);

        Assert.False(selector.AllowsOutbound(IpAddress.Parse("10.1.0.1"), IpAddress.Parse("10.2.0.1")));
        Assert.False(selector.AllowsInbound(IpAddress.Parse("10.2.0.1"), IpAddress.Parse("10.1.0.1")));
    }

    [Fact]
    public void The_two_sides_can_be_read_back()
    {
        Assert.Equal(["10.1.0.0/24", "fd00:1::/64"], _selector.Local.Select(prefix => prefix.ToString()));
        Assert.Equal(["10.2.0.0/24", "10.3.0.7/32", "fd00:2::/64"], _selector.Remote.Select(prefix => prefix.ToString()));
    }
}
