using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Peers;

/// <summary>What a reload makes of one conf.</summary>
/// <param name="Conf">As it is now.</param>
/// <param name="Running">The peer that goes on under it; null: a new one.</param>
/// <param name="Current">The running pair that has the conf's keys; null: none has.</param>
/// <param name="Next">The same of its next keys.</param>
internal sealed record PlannedPeer(PeerConf Conf, Peer? Running, Peer? Current, Peer? Next)
{
    public bool HasNext => Conf.NextInbound is not null && Conf.NextOutbound is not null;

    /// <summary>Traffic has moved to the next keys already: the former ones need not come back.</summary>
    public bool HasMoved { get; } = Next is not null && Running?.Carrier.PairNumber == Next.PairNumber;

    public bool NeedsCurrent => Current is null && !HasMoved;

    public bool NeedsNext => HasNext && Next is null;

    /// <summary>SAs that are to be made.</summary>
    public IEnumerable<(PeerConf Conf, AssociationConf Inbound, AssociationConf Outbound)> NewPairs
    {
        get
        {
            if (NeedsCurrent)
            {
                yield return (Conf, Conf.Inbound, Conf.Outbound);
            }

            if (NeedsNext)
            {
                yield return (Conf, Conf.NextInbound!, Conf.NextOutbound!);
            }
        }
    }
}
