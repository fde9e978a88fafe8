using System.Collections.Immutable;
using NatT.Esp.Wire;

namespace NatT.Esp.Policies;

/// <summary>Which decrypted packets may leave the tunnel here (RFC 4301 §5.2, step 4).</summary>
/// <param name="selector">What the SA may carry.</param>
/// <param name="ownAddresses">Addresses of this host's device: nobody else may send from them.</param>
public sealed class InboundPolicy(TrafficSelector selector, IEnumerable<IpAddress> ownAddresses)
{
    private readonly IpAddress[] _ownAddresses = [.. ownAddresses];

    public ImmutableArray<IpAddress> OwnAddresses => [.. _ownAddresses];

    /// <summary>Whether <paramref name="address"/> is one of this host's device.</summary>
    public bool IsOwnAddress(IpAddress address) => _ownAddresses.AsSpan().Contains(address);

    /// <summary>Reads it, and nothing else.</summary>
    public void Fetch()
    {
        _ = IsOwnAddress(default);
        selector.Fetch();
    }

    public DropReason Check(in InnerPacket packet)
    {
        IpAddress source = packet.Source;
        IpAddress destination = packet.Destination;
        if (!packet.HasValidHeaderChecksum)
        {
            return DropReason.MalformedInner;
        }

        if (Martian.IsSource(source) || Martian.IsDestination(destination))
        {
            return DropReason.Martian;
        }

        if (IsOwnAddress(source))
        {
            return DropReason.OwnSource;
        }

        return selector.AllowsInbound(source, destination) ? DropReason.None : DropReason.SelectorMismatch;
    }
}
