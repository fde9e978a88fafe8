using System.Collections.Immutable;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Peers;

/// <summary>Which running peer goes on under which conf, which are new and which go; or what keeps the confs from being taken up.</summary>
/// <remarks>A peer is known by its keys, so that its conf may be renamed, and else by its name.</remarks>
internal sealed class RosterChange
{
    private readonly List<ConfProblem> _problems = [];
    private readonly Dictionary<KeyIdentity, (Peer Peer, Peer Pair)> _byKeys = [];
    private readonly Dictionary<string, Peer> _byName = [];
    private readonly HashSet<Peer> _taken = [];

    private RosterChange(PeerTable table, ImmutableArray<PeerConf> confs)
    {
        foreach (Peer peer in table.Peers)
        {
            _byName.Add(peer.Name, peer);
            foreach (Peer pair in peer.Pairs)
            {
                _byKeys.Add(pair.Keys, (peer, pair));
            }
        }

        Peer?[] byKeys = [.. confs.Select(FindByKeys)];
        Peers = [.. confs.Select((conf, i) => Plan(conf, byKeys[i]))];
        Removed = [.. table.Peers.Where(peer => !_taken.Contains(peer))];
        CheckNewPairs(table);
    }

    /// <summary>In the order of the confs.</summary>
    public ImmutableArray<PlannedPeer> Peers { get; }

    public ImmutableArray<Peer> Removed { get; }

    public IReadOnlyList<ConfProblem> Problems => _problems;

    /// <param name="table">What runs.</param>
    /// <param name="confs">A valid set.</param>
    /// <param name="process">What the confs at the start said of the process.</param>
    public static RosterChange Plan(PeerTable table, ConfSet confs, IReadOnlyDictionary<string, string> process)
    {
        var change = new RosterChange(table, confs.Peers);
        change.CheckProcess(confs.Peers, process);
        return change;
    }

    private static KeyIdentity? NextKeys(PeerConf conf) => conf.NextInbound is not null && conf.NextOutbound is not null
        ? KeyIdentity.Of(conf.NextInbound, conf.NextOutbound)
        : null;

    /// <summary>What the SAs of these keys have otherwise than the conf, or null.</summary>
    private static string? OtherParameter(PeerConf conf, Peer pair) =>
        pair.Outbound.Parameters.Key.Suite != conf.Suite ? ConfKeys.Suite
        : pair.Outbound.Parameters.Key.IcvSize * 8 != conf.IcvBits ? ConfKeys.IcvBits
        : pair.Outbound.Parameters.IsExtended != conf.ExtendedSequenceNumbers ? ConfKeys.Esn
        : pair.Inbound.WindowSize != conf.ReplayWindow ? ConfKeys.ReplayWindow
        : pair.Outbound.Parameters.Transport is not null != conf.IsTransport ? ConfKeys.Mode
        : !conf.IsTransport || HasAddresses(conf, pair) ? null
        : ConfKeys.RemotePrivateIp;

    /// <summary>SAs in transport mode write the addresses themselves.</summary>
    private static bool HasAddresses(PeerConf conf, Peer pair) =>
        pair.Selector.Local.SequenceEqual(conf.Selector.Local) && pair.Selector.Remote.SequenceEqual(conf.Selector.Remote);

    private Peer? FindByKeys(PeerConf conf)
    {
        Peer? found = _byKeys.GetValueOrDefault(KeyIdentity.Of(conf.Inbound, conf.Outbound)).Peer
            ?? (NextKeys(conf) is KeyIdentity next ? _byKeys.GetValueOrDefault(next).Peer : null);
        return found is not null && _taken.Add(found) ? found : null;
    }

    private PlannedPeer Plan(PeerConf conf, Peer? byKeys)
    {
        Peer? running = byKeys;
        if (running is null && _byName.TryGetValue(conf.Name, out Peer? namesake) && OtherParameter(conf, namesake.Carrier) is null && _taken.Add(namesake))
        {
            running = namesake;
        }

        Peer? current = Running(running, KeyIdentity.Of(conf.Inbound, conf.Outbound));
        Peer? next = NextKeys(conf) is KeyIdentity keys ? Running(running, keys) : null;
        if (byKeys is not null && OtherParameter(conf, byKeys.Carrier) is string other)
        {
            Refuse(conf, FirstPlace(conf, other, ConfKeys.Compat),
                "cannot change while the keys are in use, write what it was, restart natt-tun, or give the peer other keys");
        }

        return new PlannedPeer(conf, running, current, next);
    }

    private Peer? Running(Peer? running, KeyIdentity keys) =>
        running is not null && _byKeys.TryGetValue(keys, out (Peer Peer, Peer Pair) found) && found.Peer == running ? found.Pair : null;

    /// <summary>A record has one user, and an SPI one SA.</summary>
    private void CheckNewPairs(PeerTable table)
    {
        var outbound = table.Pairs.Select(pair => pair.Keys.Outbound).ToHashSet();
        var inbound = table.Pairs.Select(pair => pair.Keys.Inbound).ToHashSet();
        Dictionary<uint, Peer> holders = table.Peers.Where(_taken.Contains)
            .SelectMany(peer => peer.Pairs, (peer, pair) => (pair.Keys.SpiIn, peer)).ToDictionary(entry => entry.SpiIn, entry => entry.peer);
        foreach (PlannedPeer planned in Peers)
        {
            foreach ((PeerConf conf, AssociationConf inboundConf, AssociationConf outboundConf) in planned.NewPairs)
            {
                bool isNext = ReferenceEquals(inboundConf, conf.NextInbound);
                var keys = KeyIdentity.Of(inboundConf, outboundConf);
                if (outbound.Contains(keys.Outbound) || inbound.Contains(keys.Inbound))
                {
                    Refuse(conf, FirstPlace(conf, isNext ? ConfKeys.NextEncOut : ConfKeys.EncOut, ConfKeys.Enc),
                        "these keys are still in use in another pair of SAs: make new ones, or restart natt-tun");
                }
                else if (holders.TryGetValue(keys.SpiIn, out Peer? holder) && (holder != planned.Running || isNext))
                {
                    Refuse(conf, FirstPlace(conf, isNext ? ConfKeys.NextSpiIn : ConfKeys.SpiIn, ConfKeys.Spi),
                        $"0x{keys.SpiIn:x} is in use with other keys until those of peer {holder.Name} have retired: "
                        + "write another number, or try again in a minute");
                }
            }
        }
    }

    private void CheckProcess(ImmutableArray<PeerConf> confs, IReadOnlyDictionary<string, string> process)
    {
        foreach ((string key, string text) in ProcessConf.TextsOf(confs))
        {
            if (process[key] != text)
            {
                PeerConf conf = confs.FirstOrDefault(conf => conf.Places.ContainsKey(key)) ?? confs[0];
                Refuse(conf, FirstPlace(conf, key), $"cannot change while natt-tun runs, and it runs with {Shown(process[key])}, "
                    + "write that, or restart natt-tun");
            }
        }
    }

    private static string Shown(string text) => text.Length == 0 ? "none" : text;

    /// <summary>Where the conf has the first of these keys that it has; the file as a whole where it has none.</summary>
    private static ConfPlace FirstPlace(PeerConf conf, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (conf.Places.TryGetValue(key, out ConfPlace place))
            {
                return place;
            }
        }

        return new ConfPlace(0, keys[0]);
    }

    private void Refuse(PeerConf conf, ConfPlace place, string text) =>
        _problems.Add(new ConfProblem(conf.File, place.Line, place.WrittenAs, text));
}
