using NatT.Esp.Policies;

namespace NatT.Tunnel.Interchange;

/// <summary>The two states of a tunnel, and what their policies send through it.</summary>
internal sealed record XfrmPair(XfrmState Inbound, XfrmState Outbound)
{
    private readonly HashSet<(IpPrefix Local, IpPrefix Remote)> _selected = [];

    public bool IsTransport => Outbound.IsTransport;

    public IEnumerable<IpPrefix> Local => Ordered(_selected.Select(pair => pair.Local));

    public IEnumerable<IpPrefix> Remote => Ordered(_selected.Select(pair => pair.Remote));

    /// <summary>Takes these addresses in the place of those that the policies have, which in transport mode are the outer ones.</summary>
    public void Replace(InnerEnds inner)
    {
        _selected.Clear();
        _selected.Add((new IpPrefix(inner.Here, inner.Here.BitLength), new IpPrefix(inner.There, inner.There.BitLength)));
    }

    public void Add(XfrmPolicy outbound) => _selected.Add((outbound.Source, outbound.Destination));

    /// <summary>What a conf's two lists would let through though no policy does; null: nothing.</summary>
    public (IpPrefix Local, IpPrefix Remote)? FindUnselected()
    {
        foreach (IpPrefix local in Local)
        {
            foreach (IpPrefix remote in Remote.Where(remote => remote.Network.IsIPv6 == local.Network.IsIPv6))
            {
                if (!_selected.Contains((local, remote)))
                {
                    return (local, remote);
                }
            }
        }

        return null;
    }

    private static IEnumerable<IpPrefix> Ordered(IEnumerable<IpPrefix> prefixes) =>
        prefixes.Distinct().OrderBy(prefix => prefix.Network.IsIPv6).ThenBy(prefix => prefix.Network.Bits).ThenBy(prefix => prefix.Length);
}
