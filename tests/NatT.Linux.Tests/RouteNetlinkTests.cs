using NatT.Esp.Policies;
using NatT.Esp.Wire;
using static NatT.Linux.Tests.NetworkNamespace;

namespace NatT.Linux.Tests;

public sealed class RouteNetlinkTests
{
    [NamespaceFact]
    public void Device_gets_MTU_addresses_and_routes() => Run(() =>
    {
        using TunDevice tun = TunDevice.Open("tun0");
        using var netlink = new RouteNetlink();
        netlink.SetMtu(tun.InterfaceIndex, 1390);
        Assert.True(netlink.DisableAddressGeneration(tun.InterfaceIndex));
        netlink.AddAddress(tun.InterfaceIndex, IpAddress.Parse("10.1.0.1"), 24);
        netlink.AddAddress(tun.InterfaceIndex, IpAddress.Parse("fd00:1::1"), 64);
        netlink.SetUp(tun.InterfaceIndex);
        netlink.AddRoute(tun.InterfaceIndex, IpPrefix.Parse("10.2.0.0/16"));
        netlink.AddRoute(tun.InterfaceIndex, IpPrefix.Parse("10.3.0.1"));
        netlink.AddRoute(tun.InterfaceIndex, IpPrefix.Parse("fd00:2::/48"));

        Assert.Equal(1390, netlink.LinkMtu("tun0"));
        Assert.Contains("UP", Ip("-o link show tun0"), StringComparison.Ordinal);
        string addresses = Ip("-o address show tun0");
        Assert.Contains("inet 10.1.0.1/24", addresses, StringComparison.Ordinal);
        Assert.Contains("inet6 fd00:1::1/64", addresses, StringComparison.Ordinal);
        Assert.DoesNotContain("fe80:", addresses, StringComparison.Ordinal);
        Assert.DoesNotContain("tentative", addresses, StringComparison.Ordinal);
        Assert.Equal(
            ["10.2.0.0/16 dev tun0 proto static scope link", "10.3.0.1 dev tun0 proto static scope link"],
            Lines(Ip("route")));
        Assert.StartsWith("fd00:2::/48", Assert.Single(Lines(Ip("-6 route show dev tun0 proto static"))), StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Addresses_and_routes_are_taken_away_one_by_one_and_not_twice() => Run(() =>
    {
        using TunDevice tun = OpenUp("tun0");
        using var netlink = new RouteNetlink();
        foreach (string prefix in new[] { "10.2.0.0/16", "10.3.0.0/16", "fd00:2::/48", "fd00:3::/48" })
        {
            netlink.AddRoute(tun.InterfaceIndex, IpPrefix.Parse(prefix));
        }

        foreach ((string address, int length) in new[] { ("10.1.0.1", 24), ("10.4.0.1", 32), ("fd00:1::1", 64), ("fd00:4::1", 128) })
        {
            netlink.AddAddress(tun.InterfaceIndex, IpAddress.Parse(address), length);
        }

        for (int time = 0; time < 2; time++)
        {
            netlink.RemoveRoute(tun.InterfaceIndex, IpPrefix.Parse("10.2.0.0/16"));
            netlink.RemoveRoute(tun.InterfaceIndex, IpPrefix.Parse("fd00:2::/48"));
            netlink.RemoveAddress(tun.InterfaceIndex, IpAddress.Parse("10.1.0.1"), 24);
            netlink.RemoveAddress(tun.InterfaceIndex, IpAddress.Parse("fd00:1::1"), 64);
        }

        Assert.Equal(["10.3.0.0/16 dev tun0 proto static scope link"], Lines(Ip("route")));
        Assert.StartsWith("fd00:3::/48", Assert.Single(Lines(Ip("-6 route show dev tun0 proto static"))), StringComparison.Ordinal);
        string addresses = Ip("-o address show tun0");
        Assert.DoesNotContain("10.1.0.1", addresses, StringComparison.Ordinal);
        Assert.DoesNotContain("fd00:1::1", addresses, StringComparison.Ordinal);
        Assert.Contains("10.4.0.1/32", addresses, StringComparison.Ordinal);
        Assert.Contains("fd00:4::1/128", addresses, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Route_that_exists_is_named_with_the_command_that_shows_it() => Run(() =>
    {
        using TunDevice tun = OpenUp("tun0");
        using TunDevice other = OpenUp("tun1");
        using var netlink = new RouteNetlink();
        foreach (string prefix in new[] { "10.2.0.0/16", "fd00:2::/48" })
        {
            netlink.AddRoute(other.InterfaceIndex, IpPrefix.Parse(prefix));

            LinuxException failure = Assert.Throws<LinuxException>(() => netlink.AddRoute(tun.InterfaceIndex, IpPrefix.Parse(prefix)));

            Assert.Contains($"a route to {prefix} exists already", failure.Message, StringComparison.Ordinal);
            Assert.Contains($"route show {prefix}", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', failure.Message);
        }
    });

    [NamespaceFact]
    public void Route_into_a_device_that_is_down_says_so() => Run(() =>
    {
        using TunDevice tun = TunDevice.Open("tun0");
        using var netlink = new RouteNetlink();

        LinuxException failure = Assert.Throws<LinuxException>(() => netlink.AddRoute(tun.InterfaceIndex, IpPrefix.Parse("10.2.0.0/16")));

        Assert.Contains("the device is down", failure.Message, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Second_time_the_same_address_is_an_error() => Run(() =>
    {
        using TunDevice tun = OpenUp("tun0");
        using var netlink = new RouteNetlink();
        foreach (string address in new[] { "10.1.0.1", "fd00:1::1" })
        {
            netlink.AddAddress(tun.InterfaceIndex, IpAddress.Parse(address), 32);

            LinuxException failure = Assert.Throws<LinuxException>(
                () => netlink.AddAddress(tun.InterfaceIndex, IpAddress.Parse(address), 32));

            Assert.Contains($"has the address {address} already", failure.Message, StringComparison.Ordinal);
        }
    });

    [NamespaceFact]
    public void IPv6_switched_off_is_said_with_the_remedy() => Run(() =>
    {
        File.WriteAllText("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
        using TunDevice tun = OpenUp("tun0");
        using var netlink = new RouteNetlink();

        LinuxException failure = Assert.Throws<LinuxException>(
            () => netlink.AddAddress(tun.InterfaceIndex, IpAddress.Parse("fd00:1::1"), 64));

        Assert.Contains("disable_ipv6=0", failure.Message, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void IPv6_below_its_least_MTU_is_said() => Run(() =>
    {
        using TunDevice tun = OpenUp("tun0");
        using var netlink = new RouteNetlink();
        netlink.SetMtu(tun.InterfaceIndex, 1200);

        LinuxException failure = Assert.Throws<LinuxException>(
            () => netlink.AddAddress(tun.InterfaceIndex, IpAddress.Parse("fd00:1::1"), 64));

        Assert.Contains("MTU of 1280", failure.Message, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Impossible_MTU_is_an_error_in_the_kernels_words() => Run(() =>
    {
        using TunDevice tun = TunDevice.Open("tun0");
        using var netlink = new RouteNetlink();

        LinuxException failure = Assert.Throws<LinuxException>(() => netlink.SetMtu(tun.InterfaceIndex, 10));

        Assert.Contains("mtu less than device minimum", failure.Message, StringComparison.Ordinal);
    });

    [NamespaceTheory]
    [InlineData("10.8.0.2", null, 1450, null)]
    [InlineData("192.0.2.1", null, 1450, 1400)]
    [InlineData("192.0.2.1", "near0", 1450, 1400)]
    [InlineData("fd00:8::2", null, 1450, null)]
    [InlineData("2001:db8::1", null, 1450, 1300)]
    public void Outer_route_has_the_MTU_of_link_and_route(string destination, string? outerInterface, int linkMtu, int? routeMtu) => Run(() =>
    {
        MakeOuterLink();
        using var netlink = new RouteNetlink();

        OuterRoute? route = netlink.FindOuterRoute(IpAddress.Parse(destination), outerInterface);

        Assert.Equal(new OuterRoute("near0", linkMtu, routeMtu), route);
        Assert.Equal(routeMtu ?? linkMtu, route!.Value.Mtu);
    });

    [NamespaceTheory]
    [InlineData("203.0.113.1", null)]
    [InlineData("2001:db8:ffff::1", null)]
    [InlineData("198.51.100.1", null)]
    [InlineData("192.0.2.1", "wan9")]
    public void No_way_out_is_no_route(string destination, string? outerInterface) => Run(() =>
    {
        MakeOuterLink();
        Ip("route add unreachable 198.51.100.0/24");
        using var netlink = new RouteNetlink();

        Assert.Null(netlink.FindOuterRoute(IpAddress.Parse(destination), outerInterface));
    });

    [NamespaceFact]
    public void Missing_interface_has_neither_MTU_nor_index() => Run(() =>
    {
        using var netlink = new RouteNetlink();

        Assert.Null(netlink.LinkMtu("wan9"));
        Assert.Null(netlink.LinkIndex("an-interface-name-that-is-too-long"));
        Assert.Equal(65536, netlink.LinkMtu("lo"));
        Assert.Equal(1, netlink.LinkIndex("lo"));
    });

    private static TunDevice OpenUp(string name)
    {
        TunDevice tun = TunDevice.Open(name);
        using var netlink = new RouteNetlink();
        netlink.SetUp(tun.InterfaceIndex);
        return tun;
    }

    private static void MakeOuterLink()
    {
        Ip("link add near0 mtu 1450 type veth peer name far0");
        Ip("link set near0 up");
        Ip("link set far0 up");
        Ip("address add 10.8.0.1/24 dev near0");
        Ip("address add fd00:8::1/64 dev near0 nodad");
        Ip("route add 192.0.2.0/24 via 10.8.0.2 mtu 1400");
        Ip("-6 route add 2001:db8::/64 via fd00:8::2 mtu 1300");
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
