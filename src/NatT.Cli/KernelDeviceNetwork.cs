using NatT.Esp.Policies;
using NatT.Linux;
using NatT.Tunnel.Configuration;

namespace NatT.Cli;

/// <summary>Changes the device's addresses and routes itself. A device that somebody made beforehand stays as it is.</summary>
internal sealed class KernelDeviceNetwork(int index, bool isPersistent) : IDeviceNetworkSetup
{
    /// <summary>EEXIST.</summary>
    private const int Exists = 17;

    public void Add(DeviceNetwork network)
    {
        if (isPersistent || network.IsEmpty)
        {
            return;
        }

        using var netlink = new RouteNetlink();
        var undo = new Stack<Action>();
        try
        {
            foreach (DeviceAddress address in network.Addresses)
            {
                netlink.AddAddress(index, address.Address, address.PrefixLength);
                undo.Push(() => netlink.RemoveAddress(index, address.Address, address.PrefixLength));
            }

            foreach (IpPrefix prefix in network.Routes)
            {
                netlink.AddRoute(index, prefix);
                undo.Push(() => netlink.RemoveRoute(index, prefix));
            }
        }
        catch
        {
            while (undo.TryPop(out Action? step))
            {
                step();
            }

            throw;
        }
    }

    public void Remove(DeviceNetwork network, DeviceNetwork kept)
    {
        if (isPersistent || network.IsEmpty)
        {
            return;
        }

        using var netlink = new RouteNetlink();
        foreach (IpPrefix prefix in network.Routes)
        {
            netlink.RemoveRoute(index, prefix);
        }

        foreach (DeviceAddress address in network.Addresses)
        {
            netlink.RemoveAddress(index, address.Address, address.PrefixLength);
        }

        if (network.Addresses.IsEmpty)
        {
            return;
        }

        // The last address of a family takes its routes along, the first of a network the others of that network.
        foreach (DeviceAddress address in kept.Addresses)
        {
            EnsureBy(() => netlink.AddAddress(index, address.Address, address.PrefixLength));
        }

        foreach (IpPrefix prefix in kept.Routes)
        {
            EnsureBy(() => netlink.AddRoute(index, prefix));
        }
    }

    private static void EnsureBy(Action add)
    {
        try
        {
            add();
        }
        catch (LinuxException e) when (e.ErrorNumber == Exists)
        {
        }
    }
}
