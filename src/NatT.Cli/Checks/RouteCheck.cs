using NatT.Esp.Policies;
using NatT.Linux;
using NatT.Tunnel.Configuration;

namespace NatT.Cli.Checks;

/// <summary>Whether other routes of this machine, such as another VPN's, lead away what should go into the tunnel.</summary>
internal sealed class RouteCheck
{
    private static readonly IpPrefix LinkLocal = IpPrefix.Parse("fe80::/10");

    private readonly ProcessConf _process;
    private readonly RouteNetlink _netlink;
    private readonly Findings _findings;
    private readonly IpPrefix[] _remote;
    private readonly PrefixTable<Tuple<IpPrefix>> _remotePrefixes;
    private readonly PrefixTable<Tuple<IpPrefix>> _localPrefixes;

    public RouteCheck(ConfSet confs, ProcessConf process, RouteNetlink netlink, Findings findings)
    {
        _process = process;
        _netlink = netlink;
        _findings = findings;
        _remote = [.. confs.Peers.SelectMany(conf => conf.Selector.Remote).Distinct()];
        _remotePrefixes = TableOf(_remote);
        _localPrefixes = TableOf(confs.Peers.SelectMany(conf => conf.Selector.Local).Distinct());
    }

    public void Run()
    {
        int before = _findings.Problems;
        foreach (IpPrefix prefix in _remote)
        {
            CheckOwnAddress(prefix);
        }

        foreach (KernelRoute route in _netlink.ListRoutes(isIPv6: false).Concat(_netlink.ListRoutes(isIPv6: true)))
        {
            if (route.InterfaceName != _process.TunName && !LinkLocal.Contains(route.Prefix.Network))
            {
                CheckRoute(route);
            }
        }

        if (_findings.Problems == before)
        {
            _findings.Well("no other route leads to the peers' networks");
        }
    }

    private static PrefixTable<Tuple<IpPrefix>> TableOf(IEnumerable<IpPrefix> prefixes) =>
        new(prefixes.ToDictionary(prefix => prefix, Tuple.Create));

    private void CheckOwnAddress(IpPrefix prefix)
    {
        if (_netlink.FindRouteEntry(prefix.Network) is { IsLocal: true } entry && entry.InterfaceName != _process.TunName)
        {
            _findings.Problem(
                $"{prefix.Network} of remote_private_ip is an address of this machine: ip route get {prefix.Network}; write the peer's");
        }
    }

    /// <summary>A shorter prefix than the tunnel's takes nothing from it.</summary>
    private void CheckRoute(KernelRoute route)
    {
        if (FindHolder(_remotePrefixes, route.Prefix) is not IpPrefix remote
            || FindHolder(_localPrefixes, route.Prefix)?.Length > remote.Length)
        {
            return;
        }

        string target = route.InterfaceName ?? "nowhere";
        string show = $"ip {(route.Prefix.Network.IsIPv6 ? "-6 " : "")}route show {route.Prefix}{(route.Table is uint table ? $" table {table}" : "")}";
        if (route.Prefix == remote)
        {
            _findings.Problem($"{remote} of remote_private_ip is routed into {target} already: {show}; "
                + "end what made that route, such as another VPN, or correct remote_private_ip");
        }
        else if (route.IsConnected)
        {
            _findings.Note($"{route.Prefix}, a part of {remote} in remote_private_ip, is a network that this machine is on by {target}: "
                + "packets to it stay out of the tunnel");
        }
        else
        {
            _findings.Problem($"{route.Prefix}, a part of {remote} in remote_private_ip, is routed into {target}: {show}; "
                + "end what made that route, such as another VPN, or write networks that leave it out");
        }
    }

    /// <summary>The longest prefix in the table that holds all of this one.</summary>
    private static IpPrefix? FindHolder(PrefixTable<Tuple<IpPrefix>> table, IpPrefix prefix)
    {
        int position = 0;
        while (table.Next(prefix.Network, ref position) is Tuple<IpPrefix> holder)
        {
            if (holder.Item1.Length <= prefix.Length)
            {
                return holder.Item1;
            }
        }

        return null;
    }
}
