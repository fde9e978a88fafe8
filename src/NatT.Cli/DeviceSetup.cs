using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using NatT.Cli.Privilege;
using NatT.Esp.Policies;
using NatT.Linux;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;

namespace NatT.Cli;

/// <summary>
/// Gives the TUN device the MTU, addresses and routes that the confs of all peers ask for. The kernel takes all of it back
/// when the device goes.
/// </summary>
internal sealed partial class DeviceSetup(ILogger logger)
{
    /// <summary>A line names so many addresses and no more.</summary>
    private const int MostNamed = 4;

    /// <summary>Octets of the longest packet that the device gives and the interfaces outside let pass.</summary>
    public int Mtu { get; private set; }

    /// <summary>Configures <paramref name="device"/>, unless somebody made it beforehand, and tells in a few words what it has.</summary>
    /// <param name="device">Of all peers.</param>
    /// <param name="confs">A valid set.</param>
    /// <param name="endpoints">Where each of its peers is, as far as is known.</param>
    /// <param name="privileges">Those to configure it.</param>
    public string Configure(TunDevice device, ConfSet confs, IReadOnlyList<OuterEndpoint?> endpoints, IPrivileges privileges)
    {
        DeviceNetwork network = DeviceNetwork.Of(confs.Peers);
        using var netlink = new RouteNetlink();
        int mtu = confs.Process!.Mtu ?? FindMtu(netlink, confs, endpoints, network.Addresses);
        Mtu = device.IsPersistent ? Math.Min(mtu, device.Mtu) : mtu;
        if (device.IsPersistent)
        {
            if (device.Mtu > mtu)
            {
                LogMtuTooLarge(logger, device.Name, device.Mtu, mtu);
            }

            return $"used as it was made, MTU {device.Mtu}";
        }

        privileges.ConfigureDevice(device, network, mtu);
        string peers = confs.Peers.Length == 1 ? "" : $", {confs.Peers.Length} peers";
        return $"MTU {mtu}, {Describe(network.Addresses, "addresses")} to {Describe(network.Routes, "networks")}{peers}";
    }

    /// <summary>Does it: gives the device of that name the MTU, its addresses and its routes.</summary>
    public static void Apply(string device, DeviceNetwork network, int mtu)
    {
        using var netlink = new RouteNetlink();
        int index = IndexOf(netlink, device);
        netlink.DisableAddressGeneration(index);
        netlink.SetMtu(index, mtu);
        netlink.SetQueueLength(index, TunDevice.QueueLength);
        foreach (DeviceAddress address in network.Addresses)
        {
            netlink.AddAddress(index, address.Address, address.PrefixLength);
        }

        netlink.SetUp(index);
        foreach (IpPrefix prefix in network.Routes)
        {
            netlink.AddRoute(index, prefix);
        }
    }

    /// <summary>Gives the device of that name the MTU alone.</summary>
    public static void ApplyMtu(string device, int mtu)
    {
        using var netlink = new RouteNetlink();
        netlink.SetMtu(IndexOf(netlink, device), mtu);
    }

    /// <summary>What <see cref="Configure"/> left, for whoever keeps it in step with the interfaces outside.</summary>
    public FollowedDevice Followed(TunDevice device, ConfSet confs) => new(
        device.Name,
        Mtu,
        confs.Process!.Mtu,
        device.IsPersistent,
        confs.Peers.Any(conf => conf.DeviceAddresses.Any(address => address.Address.IsIPv6)));

    private static int IndexOf(RouteNetlink netlink, string device) =>
        netlink.LinkIndex(device) ?? throw new IOException($"device {device} was removed while in use");

    private static string Describe<T>(ImmutableArray<T> items, string plural) =>
        items.Length <= MostNamed ? string.Join(", ", items) : $"{items.Length} {plural}";

    /// <summary>The smallest that any peer needs: there is one device for all.</summary>
    private int FindMtu(RouteNetlink netlink, ConfSet confs, IReadOnlyList<OuterEndpoint?> endpoints, ImmutableArray<DeviceAddress> addresses)
    {
        // Thousands of peers have few different paths, as most of them are still to be heard from.
        PeerPath[] paths = [.. confs.Peers.Select((conf, i) => PeerPath.Of(confs.Process!, conf, endpoints[i])).Distinct()];
        (InnerMtu mtu, OuterRoute? route) = paths.Select(path => Measure(netlink, path)).MinBy(found => found.Mtu.Value);
        if (mtu.Value < InnerMtu.SmallestForIPv6 && addresses.Any(a => a.Address.IsIPv6))
        {
            throw new IOException(
                $"the path to the peer leaves room for packets of {mtu.Value} octets, and IPv6 needs {InnerMtu.SmallestForIPv6}:"
                + $" use IPv4 inside the tunnel, or raise the MTU of {route?.InterfaceName ?? "the outer interface"}");
        }

        return mtu.Value;
    }

    private (InnerMtu Mtu, OuterRoute? Route) Measure(RouteNetlink netlink, PeerPath path)
    {
        (InnerMtu mtu, OuterRoute? route) = path.Measure(netlink);
        LogMtu(logger, route?.InterfaceName ?? path.Interface ?? "any interface", mtu);
        return (mtu, route);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "MTU through {Interface}: {Mtu}")]
    private static partial void LogMtu(ILogger logger, string @interface, InnerMtu mtu);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "device {Device} has MTU {DeviceMtu}, but only packets of {Mtu} octets fit the path: ip link set {Device} mtu {Mtu}")]
    private static partial void LogMtuTooLarge(ILogger logger, string device, int deviceMtu, int mtu);
}
