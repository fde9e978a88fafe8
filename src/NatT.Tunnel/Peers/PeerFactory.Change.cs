using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Peers;

/// <content>Peers after a reload: those that run go on, with what is known of them.</content>
public sealed partial class PeerFactory
{
    /// <summary>Makes what is new, publishes nothing. On the control loop's thread.</summary>
    /// <param name="change">Without problems.</param>
    /// <param name="endpoints">Where each peer is, as far as its conf tells.</param>
    /// <exception cref="StateUnavailableException">A record is missing that must not be, or none can be made; nothing has changed.</exception>
    internal ChangedPeers Change(RosterChange change, IReadOnlyList<OuterEndpoint?> endpoints)
    {
        NonceRecords.Require(_store, change.Peers.Select(planned => planned.Conf));
        using var opened = new OpenedPairs(this, change.Peers.SelectMany(planned => planned.NewPairs));
        var changed = new ChangedPeers();
        for (int i = 0; i < change.Peers.Length; i++)
        {
            PlannedPeer planned = change.Peers[i];
            if (planned.Running is Peer running)
            {
                Change(planned, running, endpoints[i], opened, changed);
            }
            else
            {
                changed.Add(Create(planned.Conf, endpoints[i], opened), $"peer {planned.Conf.Name}: added");
            }
        }

        foreach (Peer removed in change.Removed)
        {
            changed.Say($"peer {removed.Name}: removed");
        }

        opened.Keep();
        return changed;
    }

    private void Change(PlannedPeer planned, Peer running, OuterEndpoint? endpoint, OpenedPairs opened, ChangedPeers changed)
    {
        PeerConf conf = planned.Conf;
        Peer described = Describe(
            conf, AssociationPair.Of(running), running.Monitor, running.OutboundCounters, running.InboundCounters);
        PeerMonitorOptions options = MonitorOptions(conf, running.Carrier.Inbound, running.Carrier.Outbound, endpoint);
        bool isSame = IsSame(running, described) && running.Monitor.IsConfigured(options);
        bool hasSameRemote = (running.RemoteName, running.RemoteAddress, running.RemotePort)
            == (described.RemoteName, described.RemoteAddress, described.RemotePort);
        TimeSpan now = time.GetElapsedTime(0);
        Peer peer = Rotate(planned, running, described, opened, isSame, now, out string? keys);
        changed.Add(peer, keys is not null ? $"peer {conf.Name}: {keys}" : isSame ? null : $"peer {conf.Name}: changed");
        if (!isSame)
        {
            changed.Afterwards(() => peer.Monitor.Configure(options));
        }

        if (!hasSameRemote && endpoint is OuterEndpoint known)
        {
            changed.Afterwards(() => peer.Monitor.NoteConfigured(known, now));
        }
    }

    /// <summary>The peer with the pairs that it is to have; itself where nothing changes.</summary>
    private static Peer Rotate(
        PlannedPeer planned, Peer running, Peer described, OpenedPairs opened, bool isSame, TimeSpan now, out string? said)
    {
        PeerConf conf = planned.Conf;
        running.Rotation?.TryTakeMove();
        Peer carrier = running.Carrier;
        Peer? current = planned.HasMoved ? null : planned.Current ?? Take(conf.Inbound, conf.Outbound);
        Peer? next = !planned.HasNext ? null : planned.Next ?? Take(conf.NextInbound!, conf.NextOutbound!);
        Peer target = current ?? next!;
        Peer? probed = current is null ? null : next;
        said = target.PairNumber == carrier.PairNumber ? Said(running, probed) : $"traffic goes by SPI 0x{target.Keys.SpiOut:x8} from now on";
        if (isSame && said is null && probed?.PairNumber == running.Rotation?.Probed?.PairNumber)
        {
            return running;
        }

        // An SPI has one SA: new keys under the old one end that at once.
        int[] used = [target.PairNumber, probed?.PairNumber ?? target.PairNumber];
        uint[] spis = [target.Keys.SpiIn, probed?.Keys.SpiIn ?? target.Keys.SpiIn];
        IEnumerable<RetiringKeys> retiring = (running.Rotation?.Uses ?? [(running, KeyUse.Current)])
            .Where(use => !used.Contains(use.Pair.PairNumber) && !spis.Contains(use.Pair.Keys.SpiIn))
            .Select(use => running.Rotation?.Retiring.FirstOrDefault(keys => keys.Pair.PairNumber == use.Pair.PairNumber) is RetiringKeys known
                ? known.With(known.Pair.As(described))
                : new RetiringKeys(use.Pair.As(described), now));
        return KeyRotation.Compose(target.As(described), probed?.As(described), [.. retiring], now);

        Peer Take(AssociationConf inbound, AssociationConf outbound) => Describe(
            conf, opened.Take(inbound, outbound, isUnused: true), running.Monitor, running.OutboundCounters, running.InboundCounters);
    }

    private static string? Said(Peer running, Peer? probed)
    {
        Peer? before = running.Rotation?.Probed;
        return probed is null
            ? before is null ? null : "next keys taken back"
            : probed.PairNumber == before?.PairNumber ? null
            : $"next keys, probed until it is heard under them, SPI 0x{probed.Keys.SpiOut:x8}";
    }

    private static bool IsSame(Peer one, Peer other) =>
        one.Name == other.Name
        && one.Selector.Local.SequenceEqual(other.Selector.Local)
        && one.Selector.Remote.SequenceEqual(other.Selector.Remote)
        && one.InboundPolicy.OwnAddresses.SequenceEqual(other.InboundPolicy.OwnAddresses)
        && (one.ProbeSource, one.ProbeTarget) == (other.ProbeSource, other.ProbeTarget)
        && (one.RemoteName, one.RemoteAddress, one.RemotePort) == (other.RemoteName, other.RemoteAddress, other.RemotePort)
        && (one.DpdMisses, one.RetireAfter) == (other.DpdMisses, other.RetireAfter);
}
