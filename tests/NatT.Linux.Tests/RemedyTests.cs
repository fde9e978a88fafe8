using NatT.Esp.Policies;
using NatT.Esp.Wire;
using static NatT.Linux.Tests.NetworkNamespace;

namespace NatT.Linux.Tests;

/// <summary>What a first run meets on a machine that is not set up: one line each, with the way out.</summary>
public sealed class RemedyTests
{
    [NamespaceFact]
    public void Machine_without_the_TUN_node_is_told_how_to_make_it() => Run(() =>
    {
        Privileges.HideDeviceDirectory();

        string line = LineOf(() => TunDevice.Open("natt0").Dispose());

        Assert.Contains("mknod -m 666 /dev/net/tun c 10 200", line, StringComparison.Ordinal);
        Assert.Contains("--device /dev/net/tun", line, StringComparison.Ordinal);
        Assert.Contains("ENOENT", line, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Kernel_without_the_TUN_driver_is_told_to_load_it() => Run(() =>
    {
        Privileges.HideDeviceDirectory();
        Execute("mknod", "/dev/net/tun c 10 254");

        string line = LineOf(() => TunDevice.Open("natt0").Dispose());

        Assert.Contains("modprobe tun", line, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void TUN_node_that_is_closed_to_the_user_is_told_how_to_open_it() => Run(() =>
    {
        Privileges.HideDeviceDirectory();
        Execute("mknod", "-m 000 /dev/net/tun c 10 200");
        Privileges.DropCapabilities();

        string line = LineOf(() => TunDevice.Open("natt0").Dispose());

        Assert.Contains("chmod 666 /dev/net/tun", line, StringComparison.Ordinal);
        Assert.Contains("EACCES", line, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Without_the_capability_the_line_names_it_and_the_persistent_device() => Run(() =>
    {
        Privileges.DropCapabilities();

        string line = LineOf(() => TunDevice.Open("natt0").Dispose());

        Assert.False(ProcessCapabilities.Has(Capability.NetAdmin));
        Assert.Contains("CAP_NET_ADMIN", line, StringComparison.Ordinal);
        Assert.Contains("ip tuntap add dev natt0 mode tun user", line, StringComparison.Ordinal);
        Assert.Contains("EPERM", line, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Persistent_device_needs_no_capability() => Run(() =>
    {
        Ip("tuntap add dev natt0 mode tun user 0");
        Privileges.DropCapabilities();

        using TunDevice tun = TunDevice.Open("natt0");

        Assert.True(tun.IsPersistent);
        Assert.Equal(1500, tun.Mtu);
    });

    [NamespaceFact]
    public void Persistent_device_of_another_user_needs_the_capability() => Run(() =>
    {
        Ip("tuntap add dev natt0 mode tun user 1234");
        Privileges.DropCapabilities();

        Assert.Contains("CAP_NET_ADMIN", LineOf(() => TunDevice.Open("natt0").Dispose()), StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Links_cannot_be_changed_without_the_capability() => Run(() =>
    {
        Privileges.DropCapabilities();
        using var netlink = new RouteNetlink();
        Action[] changes =
        [
            () => netlink.SetUp(1),
            () => netlink.SetMtu(1, 1400),
            () => netlink.AddAddress(1, IpAddress.Parse("10.1.0.1"), 32),
            () => netlink.AddRoute(1, IpPrefix.Parse("10.2.0.0/16")),
        ];

        Assert.All(changes, change => Assert.Contains("needs CAP_NET_ADMIN", LineOf(change), StringComparison.Ordinal));
        Assert.False(netlink.DisableAddressGeneration(1));
    });

    [NamespaceFact]
    public void Low_port_needs_a_capability() => Run(() =>
    {
        Privileges.DropCapabilities();

        string line = LineOf(() => UdpSocket.Bind(null, 500, null).Dispose());

        Assert.Contains("UDP port 500 is below 1024 and needs CAP_NET_BIND_SERVICE", line, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Socket_works_without_any_capability() => Run(() =>
    {
        Privileges.DropCapabilities();

        using UdpSocket socket = UdpSocket.Bind(null, 1100, "lo");

        Assert.Equal(1100, socket.LocalEndpoint.Port);
    });

    private static string LineOf(Action action)
    {
        LinuxException failure = Assert.Throws<LinuxException>(action);
        Assert.DoesNotContain('\n', failure.Message);
        return failure.Message;
    }
}
