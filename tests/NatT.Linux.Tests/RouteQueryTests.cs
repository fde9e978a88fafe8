using NatT.Esp.Policies;
using NatT.Esp.Wire;
using static NatT.Linux.Tests.NetworkNamespace;

namespace NatT.Linux.Tests;

public sealed class RouteQueryTests
{
    [NamespaceFact]
    public void Entry_that_rules_a_destination_is_the_longest_and_names_its_interface() => Run(() =>
    {
        using TunDevice wide = OpenUp("wide0");
        using TunDevice narrow = OpenUp("narrow0");
        Ip("route add 10.0.0.0/8 dev wide0");
        Ip("route add 10.2.0.0/16 dev narrow0");
        Ip("route add fd00:2::/48 dev narrow0");
        using var netlink = new RouteNetlink();

        Assert.Equal(new RouteEntry(16, "narrow0", IsLocal: false), netlink.FindRouteEntry(IpAddress.Parse("10.2.0.0")));
        Assert.Equal(new RouteEntry(8, "wide0", IsLocal: false), netlink.FindRouteEntry(IpAddress.Parse("10.3.0.1")));
        Assert.Equal(new RouteEntry(48, "narrow0", IsLocal: false), netlink.FindRouteEntry(IpAddress.Parse("fd00:2::")));
        Assert.Null(netlink.FindRouteEntry(IpAddress.Parse("192.0.2.1")));
    });

    [NamespaceFact]
    public void All_routes_of_all_tables_are_listed_with_where_they_lead() => Run(() =>
    {
        using TunDevice tun = OpenUp("tun0");
        Ip("address add 10.1.0.1/24 dev tun0");
        Ip("route add 10.2.0.0/16 dev tun0");
        Ip("route add 10.3.0.0/16 dev tun0 table 52");
        Ip("route add blackhole 10.4.0.0/16");
        Ip("route add 10.5.0.0/16 nexthop via 10.1.0.2 dev tun0 nexthop via 10.1.0.3 dev tun0");
        Ip("route add default dev tun0 table 1000");
        Ip("route add fd00:2::/48 dev tun0");
        using var netlink = new RouteNetlink();

        Assert.Equal(
            [
                new KernelRoute(IpPrefix.Parse("0.0.0.0/0"), "tun0", IsConnected: false, Table: 1000),
                new KernelRoute(IpPrefix.Parse("10.1.0.0/24"), "tun0", IsConnected: true, Table: null),
                new KernelRoute(IpPrefix.Parse("10.2.0.0/16"), "tun0", IsConnected: false, Table: null),
                new KernelRoute(IpPrefix.Parse("10.3.0.0/16"), "tun0", IsConnected: false, Table: 52),
                new KernelRoute(IpPrefix.Parse("10.4.0.0/16"), null, IsConnected: false, Table: null),
                new KernelRoute(IpPrefix.Parse("10.5.0.0/16"), "tun0", IsConnected: false, Table: null),
            ],
            netlink.ListRoutes(isIPv6: false).OrderBy(route => route.Prefix.Network.Bits));
        Assert.Contains(
            new KernelRoute(IpPrefix.Parse("fd00:2::/48"), "tun0", IsConnected: false, Table: null), netlink.ListRoutes(isIPv6: true));
        Assert.DoesNotContain(netlink.ListRoutes(isIPv6: true), route => route.Prefix.Length == 128);
    });

    [NamespaceFact]
    public void More_routes_than_fit_one_answer_are_all_listed_and_the_next_question_gets_its_own_answer() => Run(() =>
    {
        const int Count = 5000;
        using TunDevice tun = OpenUp("tun0");
        string batch = Path.GetTempFileName();
        File.WriteAllLines(batch, Enumerable.Range(0, Count).Select(i => $"route add 10.{i / 256}.{i % 256}.0/24 dev tun0"));
        Ip($"-batch {batch}");
        File.Delete(batch);
        using var netlink = new RouteNetlink();

        Assert.Equal(Count, netlink.ListRoutes(isIPv6: false).Distinct().Count());
        Assert.Equal(tun.InterfaceIndex, netlink.LinkIndex("tun0"));
    });

    [NamespaceFact]
    public void Own_address_is_local() => Run(() =>
    {
        using TunDevice tun = OpenUp("tun0");
        Ip("address add 10.1.0.1/24 dev tun0");
        using var netlink = new RouteNetlink();

        RouteEntry? entry = netlink.FindRouteEntry(IpAddress.Parse("10.1.0.1"));

        Assert.True(entry is { IsLocal: true, PrefixLength: 32 }, $"{entry}");
    });

    [NamespaceFact]
    public void Kinds_of_interfaces_are_told_apart() => Run(() =>
    {
        using TunDevice tun = TunDevice.Open("tun0");
        Ip("tuntap add dev tun1 mode tun");
        Ip("tuntap add dev tap0 mode tap");
        using var netlink = new RouteNetlink();

        Assert.Equal(new LinkFacts(IsTun: true, IsPersistent: false), netlink.FindLink("tun0"));
        Assert.Equal(new LinkFacts(IsTun: true, IsPersistent: true), netlink.FindLink("tun1"));
        Assert.Equal(new LinkFacts(IsTun: false, IsPersistent: true), netlink.FindLink("tap0"));
        Assert.False(netlink.FindLink("lo")!.Value.IsTun);
        Assert.Null(netlink.FindLink("absent0"));
    });

    [NamespaceFact]
    public void Whether_a_device_could_be_opened_shows_without_opening_it() => Run(() =>
    {
        using TunDevice taken = TunDevice.Open("tun0");
        Ip("tuntap add dev tun1 mode tun");
        string before = Ip("link");

        Assert.False(TunDevice.RequireOpenable("new0"));
        Assert.True(TunDevice.RequireOpenable("tun1"));
        foreach (string name in new[] { "tun0", "lo", "a name" })
        {
            string expected = Assert.Throws<LinuxException>(() => TunDevice.Open(name)).Message;
            Assert.Equal(expected, Assert.Throws<LinuxException>(() => TunDevice.RequireOpenable(name)).Message);
        }

        Assert.Equal(before, Ip("link"));
    });

    private static TunDevice OpenUp(string name)
    {
        TunDevice device = TunDevice.Open(name);
        using var netlink = new RouteNetlink();
        netlink.SetUp(device.InterfaceIndex);
        return device;
    }
}
