using System.Collections.Immutable;
using NatT.Esp.Policies;
using NatT.Tunnel.Configuration;

namespace NatT.Cli;

/// <summary>What the confs of all peers put on the TUN device, each once.</summary>
/// <param name="Addresses">The device's own.</param>
/// <param name="Routes">What is routed into it.</param>
internal sealed record DeviceNetwork(ImmutableArray<DeviceAddress> Addresses, ImmutableArray<IpPrefix> Routes)
{
    public static DeviceNetwork Of(IReadOnlyCollection<PeerConf> confs) => new(
        [.. confs.SelectMany(conf => conf.DeviceAddresses).Distinct()],
        [.. confs.SelectMany(conf => conf.Selector.Remote).Distinct()]);

    public bool IsEmpty => Addresses.IsEmpty && Routes.IsEmpty;

    /// <summary>What is here and not there.</summary>
    public DeviceNetwork Except(DeviceNetwork other) => new([.. Addresses.Except(other.Addresses)], [.. Routes.Except(other.Routes)]);
}
