using System.Net.NetworkInformation;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;

namespace NatT.Cli.Checks;

/// <summary>Whether this machine takes the addresses inside the tunnel, and passes packets of the networks behind it on.</summary>
internal sealed class InnerCheck(ConfSet confs, ProcessConf process, Findings findings)
{
    private const string Forward4 = "net.ipv4.ip_forward";
    private const string Forward6 = "net.ipv6.conf.all.forwarding";
    private const string IPv6Off = "net.ipv6.conf.default.disable_ipv6";

    public void Run()
    {
        CheckIPv6();
        CheckForwarding();
        CheckAddresses();
    }

    private void CheckIPv6()
    {
        IpAddress[] addresses = [.. OwnAddresses.Where(address => address.IsIPv6)];
        if (addresses.Length > 0 && ReadSetting(IPv6Off) != "0")
        {
            findings.Problem($"IPv6 is off on this machine, so {addresses[0]} cannot be used: sudo sysctl -w {IPv6Off}=0, "
                + "or leave IPv6 out of local_private_ip and remote_private_ip");
        }
    }

    private void CheckForwarding()
    {
        IpPrefix[] behindUs = [.. confs.Peers.SelectMany(conf => conf.Selector.Local).Where(prefix => !prefix.IsHost).Distinct()];
        foreach (string setting in new[] { Forward4, Forward6 })
        {
            IpPrefix[] networks = [.. behindUs.Where(prefix => prefix.Network.IsIPv6 == (setting == Forward6))];
            if (networks.Length > 0 && ReadSetting(setting) == "0")
            {
                findings.Problem(
                    $"{networks[0]} of local_private_ip is a network, but this machine forwards no packets to others: sudo sysctl -w {setting}=1");
            }
        }
    }

    private void CheckAddresses()
    {
        IpAddress[] own = [.. OwnAddresses];
        foreach (NetworkInterface network in NetworkInterface.GetAllNetworkInterfaces().Where(network => network.Name != process.TunName))
        {
            foreach (UnicastIPAddressInformation found in network.GetIPProperties().UnicastAddresses)
            {
                if (own.Contains(IpAddress.From(found.Address)))
                {
                    findings.Note($"{found.Address} of local_private_ip is on {network.Name} too: better give the inside of the tunnel its own");
                }
            }
        }
    }

    private IEnumerable<IpAddress> OwnAddresses => confs.Peers.SelectMany(conf => conf.DeviceAddresses).Select(address => address.Address).Distinct();

    /// <summary>What sysctl(8) would print; null where this kernel does not have the setting.</summary>
    private static string? ReadSetting(string name)
    {
        string path = $"/proc/sys/{name.Replace('.', '/')}";
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }
}
