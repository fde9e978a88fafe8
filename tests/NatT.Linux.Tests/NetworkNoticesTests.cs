using static NatT.Linux.Tests.NetworkNamespace;

namespace NatT.Linux.Tests;

public sealed class NetworkNoticesTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [NamespaceTheory]
    [InlineData("link set here mtu 1400")]
    [InlineData("link set here down")]
    [InlineData("route replace 203.0.113.0/24 via 192.0.2.9")]
    [InlineData("route delete 203.0.113.0/24")]
    [InlineData("-6 route add 2001:db8:1::/48 dev here")]
    [InlineData("address delete 192.0.2.1/24 dev here")]
    [InlineData("rule add to 203.0.113.0/24 lookup 77")]
    [InlineData("-6 rule add to 2001:db8:1::/48 lookup 77")]
    public void Change_is_noticed_once(string change) => Run(() =>
    {
        Ip("link add here type veth peer name there");
        Ip("address add 192.0.2.1/24 dev here");
        Ip("link set here up");
        Ip("link set there up");
        Ip("route add 203.0.113.0/24 via 192.0.2.2");
        using var notices = new NetworkNotices();
        FallSilent(notices);

        Ip(change);

        Assert.True(SpinWait.SpinUntil(notices.TakeAny, Limit));
        FallSilent(notices);
    });

    [NamespaceFact]
    public void More_changes_than_find_room_are_noticed_and_forgotten() => Run(() =>
    {
        using TunDevice tun = TunDevice.Open("tun0");
        using var netlink = new RouteNetlink();
        using var notices = new NetworkNotices();
        for (int i = 0; i < 2000; i++)
        {
            netlink.SetMtu(tun.InterfaceIndex, 1400 + (i % 2));
        }

        Assert.True(notices.TakeAny());
        FallSilent(notices);
    });

    /// <summary>The kernel may still tell of what was done before, for a second or two.</summary>
    private static void FallSilent(NetworkNotices notices)
    {
        bool IsSilent()
        {
            bool wasAny = notices.TakeAny();
            Thread.Sleep(50);
            return !wasAny && !notices.TakeAny();
        }

        Assert.True(SpinWait.SpinUntil(IsSilent, Limit));
    }
}
