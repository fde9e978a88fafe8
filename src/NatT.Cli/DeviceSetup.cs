using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Linux;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;

namespace NatT.Cli;

/// <summary>Gives the TUN device its MTU, addresses and routes. The kernel takes all of it back when the device goes.</summary>
internal sealed partial class DeviceSetup(ILogger logger)
{
    private const int UsualMtu = 1500;

    /// <summary>Configures <paramref name="device"/>, unless somebody made it beforehand, and tells in a few words what it has.</summary>
    public string Configure(TunDevice device, PeerConf conf, OuterEndpoint? endpoint, CipherSuite suite)
    {
        using var netlink = new RouteNetlink();
        int mtu = conf.Mtu ?? FindMtu(netlink, conf, endpoint, suite);
        if (device.IsPersistent)
        {
            if (device.Mtu > mtu)
            {
                LogMtuTooLarge(logger, device.Name, device.Mtu, mtu);
            }

            return $"used as it was made, MTU {device.Mtu}";
        }

        netlink.DisableAddressGeneration(device.InterfaceIndex);
        netlink.SetMtu(device.InterfaceIndex, mtu);
        foreach (DeviceAddress address in conf.DeviceAddresses)
        {
            netlink.AddAddress(device.InterfaceIndex, address.Address, address.PrefixLength);
        }

        netlink.SetUp(device.InterfaceIndex);
        foreach (IpPrefix prefix in conf.Selector.Remote)
        {
            netlink.AddRoute(device.InterfaceIndex, prefix);
        }

        return $"MTU {mtu}, {string.Join(", ", conf.DeviceAddresses)} to {string.Join(", ", conf.Selector.Remote)}";
    }

    private int FindMtu(RouteNetlink netlink, PeerConf conf, OuterEndpoint? endpoint, CipherSuite suite)
    {
        OuterRoute? route = endpoint is OuterEndpoint known ? netlink.FindOuterRoute(known.Address, conf.OuterInterface) : null;
        int? outerMtu = route?.Mtu ?? (conf.OuterInterface is string name ? netlink.LinkMtu(name) : null);

        // Where the peer may turn out to be is unknown, so the longer header is assumed.
        bool isIPv6 = (endpoint?.Address ?? conf.BindAddress)?.IsIPv6 ?? true;
        int marker = UdpEncapsulation.MarkerSize(conf.Framing ?? UdpFraming.NonIke);
        var mtu = new InnerMtu(outerMtu ?? UsualMtu, isIPv6, marker, suite, conf.IcvBits / 8);
        LogMtu(logger, route?.InterfaceName ?? conf.OuterInterface ?? "any interface", mtu);
        if (mtu.Value < InnerMtu.SmallestForIPv6 && conf.DeviceAddresses.Any(a => a.Address.IsIPv6))
        {
            throw new IOException(
                $"the path to the peer leaves room for packets of {mtu.Value} octets, and IPv6 needs {InnerMtu.SmallestForIPv6}:"
                + $" use IPv4 inside the tunnel, or raise the MTU of {route?.InterfaceName ?? "the outer interface"}");
        }

        return mtu.Value;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "MTU through {Interface}: {Mtu}")]
    private static partial void LogMtu(ILogger logger, string @interface, InnerMtu mtu);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "device {Device} has MTU {DeviceMtu}, but only packets of {Mtu} octets fit the path: ip link set {Device} mtu {Mtu}")]
    private static partial void LogMtuTooLarge(ILogger logger, string device, int deviceMtu, int mtu);
}
