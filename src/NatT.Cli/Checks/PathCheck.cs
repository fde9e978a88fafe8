using NatT.Esp.Wire;
using NatT.Linux;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Control;
using NatT.Tunnel.DataPath;

namespace NatT.Cli.Checks;

/// <summary>Whether each peer can be reached from here, and how much of an outer packet is left for an inner one.</summary>
internal sealed class PathCheck(ConfSet confs, ProcessConf process, RouteNetlink netlink, Findings findings)
{
    private const int SmallestMtu = 576;

    public async Task RunAsync()
    {
        var local = new OuterEndpoint(process.BindAddress ?? new IpAddress(0, IsIPv6: true), process.BindPort);
        OuterEndpoint?[] endpoints = await FirstEndpoints.FindAsync(confs.Peers, local, CancellationToken.None).ConfigureAwait(false);
        var paths = new HashSet<PeerPath>();
        for (int i = 0; i < endpoints.Length; i++)
        {
            CheckPeer(confs.Peers[i], endpoints[i]);
            paths.Add(PeerPath.Of(process, confs.Peers[i], endpoints[i]));
        }

        IEnumerable<(string Through, InnerMtu Mtu)> sizes = paths
            .Select(path => (Path: path, Found: path.Measure(netlink)))
            .Select(size => (size.Found.Route?.InterfaceName ?? size.Path.Interface ?? "any interface", size.Found.Mtu));
        foreach ((string through, InnerMtu mtu) in sizes.Distinct().OrderBy(size => size.Mtu.Value))
        {
            CheckMtu(through, mtu);
        }
    }

    private void CheckPeer(PeerConf conf, OuterEndpoint? endpoint)
    {
        if (conf.RemoteHost is not string host)
        {
            findings.Note($"{conf.File}: remote_public_ip is empty, so natt-tun waits for the peer, which has to know our address");
        }
        else if (endpoint is not OuterEndpoint known)
        {
            findings.Problem(
                $"{conf.File}: {host} is not found in the DNS: getent ahosts {host}; correct remote_public_ip, or /etc/resolv.conf");
        }
        else if (netlink.FindOuterRoute(known.Address, process.OuterInterface) is null)
        {
            string through = process.OuterInterface is string name ? $" through {name}" : "";
            findings.Problem($"{conf.File}: there is no route to {known.Address}{through}: ip route get {known.Address}; connect the network");
        }
    }

    private void CheckMtu(string through, InnerMtu mtu)
    {
        int smallest = HasIPv6Inside ? InnerMtu.SmallestForIPv6 : SmallestMtu;
        if (process.Mtu is int wanted && wanted > mtu.Value)
        {
            findings.Problem($"mtu = {wanted} is more than fits a packet through {through} ({mtu}): leave mtu out, or write {mtu.Value}");
        }
        else if (mtu.Value < smallest)
        {
            findings.Problem(
                $"only {mtu.Value} octets fit a packet through {through} ({mtu}), and {(HasIPv6Inside ? "IPv6" : "IPv4")} inside needs {smallest}:"
                + $" raise the MTU of {through}{(HasIPv6Inside ? ", or leave IPv6 out of local_private_ip and remote_private_ip" : "")}");
        }
        else
        {
            findings.Well($"MTU through {through}: {mtu}");
        }
    }

    private bool HasIPv6Inside => confs.Peers.Any(conf => conf.DeviceAddresses.Any(address => address.Address.IsIPv6));
}
