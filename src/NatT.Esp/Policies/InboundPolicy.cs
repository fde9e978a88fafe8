using NatT.Esp.Wire;

namespace NatT.Esp.Policies;

/// <summary>Which decrypted packets may leave the tunnel here (RFC 4301 §5.2, step 4).</summary>
/// <param name="selector">What the SA may carry.</param>
/// <param name="ownAddresses">Addresses of this host's device: nobody else may send from them.</param>
public sealed class InboundPolicy(TrafficSelector selector, IEnumerable<IpAddress> ownAddresses)
{
    private readonly IpAddress[] _ownAddresses = [.. ownAddresses];

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

        if (_ownAddresses.AsSpan().Contains(source))
        {
            return DropReason.OwnSource;
        }

        return selector.AllowsInbound(source, destination) ? DropReason.None : DropReason.SelectorMismatch;
    }
}
