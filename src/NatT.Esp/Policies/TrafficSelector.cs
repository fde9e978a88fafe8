using System.Collections.Immutable;
using NatT.Esp.Wire;

namespace NatT.Esp.Policies;

/// <summary>The inner addresses a pair of SAs may carry: ours on one side, the peer's on the other (RFC 4301 §4.4.1.1).</summary>
public sealed class TrafficSelector
{
    private readonly IpPrefix[] _local;
    private readonly IpPrefix[] _remote;

    public TrafficSelector(IEnumerable<IpPrefix> local, IEnumerable<IpPrefix> remote)
    {
        _local = [.. local];
        _remote = [.. remote];
    }

    public ImmutableArray<IpPrefix> Local => [.. _local];

    public ImmutableArray<IpPrefix> Remote => [.. _remote];

    /// <summary>Whether a packet from us to the peer may enter the tunnel.</summary>
    public bool AllowsOutbound(IpAddress source, IpAddress destination) =>
        Matches(_local, source) && Matches(_remote, destination);

    /// <summary>Whether a packet from the peer to us may leave the tunnel.</summary>
    public bool AllowsInbound(IpAddress source, IpAddress destination) =>
        Matches(_remote, source) && Matches(_local, destination);

    /// <summary>Reads it, and nothing else.</summary>
    internal void Fetch() => _ = AllowsInbound(default, default) || Matches(_local, default);

    private static bool Matches(IpPrefix[] prefixes, IpAddress address)
    {
        foreach (ref readonly IpPrefix prefix in prefixes.AsSpan())
        {
            if (prefix.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
