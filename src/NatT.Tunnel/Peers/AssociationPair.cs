using NatT.Esp.Associations;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Peers;

/// <summary>An SA for each direction, with their durable records.</summary>
/// <param name="Outbound">What we seal with.</param>
/// <param name="OutboundRecord">Its numbers.</param>
/// <param name="Inbound">What we open with.</param>
/// <param name="InboundRecord">Its window's top; null without a window.</param>
/// <param name="Keys">What the records go by.</param>
/// <param name="Number">No other pair of this process has it.</param>
internal sealed record AssociationPair(
    OutboundSecurityAssociation Outbound,
    OutboundRecord OutboundRecord,
    InboundSecurityAssociation Inbound,
    InboundRecord? InboundRecord,
    KeyIdentity Keys,
    int Number) : IDisposable
{
    public static AssociationPair Of(Peer peer) =>
        new(peer.Outbound, peer.OutboundRecord, peer.Inbound, peer.InboundRecord, peer.Keys, peer.PairNumber);

    public void Dispose()
    {
        Outbound.Dispose();
        Inbound.Dispose();
    }
}
