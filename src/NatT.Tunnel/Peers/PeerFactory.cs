using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Control;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Peers;

/// <summary>Builds peers from their confs and from what earlier runs recorded.</summary>
public sealed partial class PeerFactory(RandomIvs ivs, StateStore store, TimeProvider time, ILogger logger)
{
    private readonly StateStore _store = store;

    /// <summary>A line names so many peers and no more.</summary>
    private const int MostNamed = 4;

    private int _pairs;

    /// <summary>All peers, or none where one cannot be made.</summary>
    /// <param name="confs">Stay the caller's; their keys may be wiped afterwards.</param>
    /// <param name="endpoints">Where each peer is, as far as its conf tells.</param>
    /// <exception cref="StateUnavailableException">The records cannot be written, or one is missing that must not be: nothing may be sent.</exception>
    public IReadOnlyList<Peer> Create(IReadOnlyList<PeerConf> confs, IReadOnlyList<OuterEndpoint?> endpoints)
    {
        ArgumentNullException.ThrowIfNull(confs);
        ArgumentNullException.ThrowIfNull(endpoints);
        NonceRecords.Require(_store, confs);
        using var opened = new OpenedPairs(this, confs.SelectMany(PairsOf));
        LogFirstUses([.. confs.Where(conf => opened.IsFirstUse(KeyIdentity.Of(conf.Inbound, conf.Outbound)))]);
        Peer[] peers = [.. confs.Select((conf, i) => Create(conf, endpoints[i], opened))];
        opened.Keep();
        return peers;
    }

    private static IEnumerable<(PeerConf Conf, AssociationConf Inbound, AssociationConf Outbound)> PairsOf(PeerConf conf)
    {
        yield return (conf, conf.Inbound, conf.Outbound);
        if (conf.NextInbound is not null && conf.NextOutbound is not null)
        {
            yield return (conf, conf.NextInbound, conf.NextOutbound);
        }
    }

    /// <summary>A peer of which nothing is known yet.</summary>
    private Peer Create(PeerConf conf, OuterEndpoint? endpoint, OpenedPairs opened)
    {
        AssociationPair current = opened.Take(conf.Inbound, conf.Outbound, isUnused: false);
        var monitor = new PeerMonitor(MonitorOptions(conf, current.Inbound, current.Outbound, endpoint), time.GetElapsedTime(0));
        Peer peer = Describe(conf, current, monitor, new PathCounters(), new PathCounters());
        if (conf.NextInbound is null || conf.NextOutbound is null)
        {
            return peer;
        }

        AssociationPair next = opened.Take(conf.NextInbound, conf.NextOutbound, isUnused: false);
        Peer nextPeer = Describe(conf, next, monitor, peer.OutboundCounters, peer.InboundCounters);
        return KeyRotation.Compose(peer, nextPeer, [], time.GetElapsedTime(0));
    }

    private static Peer Describe(PeerConf conf, AssociationPair pair, PeerMonitor monitor, PathCounters outbound, PathCounters inbound)
    {
        bool isAddress = IpAddress.TryParse(conf.RemoteHost ?? "", out IpAddress address);
        return new Peer
        {
            Name = conf.Name,
            Selector = conf.Selector,
            InboundPolicy = new InboundPolicy(conf.Selector, conf.DeviceAddresses.Select(a => a.Address)),
            Outbound = pair.Outbound,
            OutboundRecord = pair.OutboundRecord,
            Inbound = pair.Inbound,
            InboundRecord = pair.InboundRecord,
            Keys = pair.Keys,
            PairNumber = pair.Number,
            ProbeSource = conf.ProbeSource,
            ProbeTarget = conf.ProbeTarget,
            RemoteName = isAddress ? null : conf.RemoteHost,
            RemoteAddress = isAddress ? address : null,
            RemotePort = conf.RemotePort,
            DpdMisses = conf.DpdMisses,
            RetireAfter = conf.RetireAfter,
            Monitor = monitor,
            OutboundCounters = outbound,
            InboundCounters = inbound,
        };
    }

    private AssociationPair Open(PeerConf conf, AssociationConf inboundConf, AssociationConf outboundConf, OutboundRecord record, bool isUnused)
    {
        (TransportMode? modeIn, TransportMode? modeOut) = Modes(conf);
        var sequence = new SequenceCounter(record.First, conf.ExtendedSequenceNumbers);
        var outbound = new OutboundSecurityAssociation(Parameters(conf, outboundConf, modeOut), sequence, ivs);
        var inbound = new InboundSecurityAssociation(Parameters(conf, inboundConf, modeIn), conf.ReplayWindow);
        InboundRecord? inboundRecord =
            inbound.HasWindow ? _store.OpenInbound(inboundConf.FingerprintAs(AssociationDirection.Inbound)) : null;
        Resume(inbound, inboundRecord);
        if (isUnused && record.First == 1 && inboundRecord is { ExactTop: null, DurableMark: null })
        {
            inbound.StartUnused();
            inboundRecord.Reset(0, time.GetElapsedTime(0));
        }

        KeyIdentity keys = KeyIdentity.Of(inboundConf, outboundConf);
        return new AssociationPair(outbound, record, inbound, inboundRecord, keys, Interlocked.Increment(ref _pairs) - 1);
    }

    /// <summary>Starts the window where this boot's exact record left it; otherwise only a fresh answer or the durable mark will.</summary>
    private static void Resume(InboundSecurityAssociation inbound, InboundRecord? record)
    {
        if (record?.ExactTop is ulong exact)
        {
            inbound.SynchroniseAt(exact);
        }
        else if (record?.DurableMark is ulong mark)
        {
            inbound.ExpectNear(mark);
        }
    }

    private static PeerMonitorOptions MonitorOptions(
        PeerConf conf, InboundSecurityAssociation inbound, OutboundSecurityAssociation outbound, OuterEndpoint? endpoint)
    {
        const int OuterHeaders = 48;
        bool isIPv6 = conf.ProbeTarget?.IsIPv6 ?? false;
        int omitted = outbound.Parameters.OmittedHeaderSize;
        int probe = outbound.Parameters.SealedLength(IcmpEcho.PacketSize(isIPv6, ProbePacket.PayloadSize) - omitted);
        return new PeerMonitorOptions
        {
            InitialEndpoint = endpoint,
            Framing = conf.Framing,
            CanProbe = conf.ProbeSource is not null && conf.ProbeTarget is not null,
            HasReplayWindow = inbound.HasWindow,
            NeedsSynchronisation = inbound.HasWindow && !inbound.IsSynchronised,
            OmittedHeaderSize = omitted,
            ProbeOctets = OuterHeaders + UdpEncapsulation.MarkerSize(UdpFraming.NonIke) + probe,
            Keepalive = conf.Keepalive,
            DpdInterval = conf.DpdInterval,
            DpdMisses = conf.DpdMisses,
        };
    }

    internal static SecurityAssociationParameters Parameters(PeerConf conf, AssociationConf association, TransportMode? transport) =>
        new(
            association.Spi,
            conf.Suite.CreateKey(association.EncryptionKey.Octets, association.AuthenticationKey.Octets, conf.IcvBits / 8),
            conf.ExtendedSequenceNumbers)
        {
            Transport = transport,
        };

    internal static (TransportMode? In, TransportMode? Out) Modes(PeerConf conf)
    {
        if (!conf.IsTransport)
        {
            return (null, null);
        }

        (IpAddress local, IpAddress remote) = (conf.Selector.Local[0].Network, conf.Selector.Remote[0].Network);
        return (new TransportMode(remote, local), new TransportMode(local, remote));
    }

    /// <summary>One line, however many are new.</summary>
    private void LogFirstUses(PeerConf[] confs)
    {
        if (confs is [PeerConf only])
        {
            LogFirstUse(logger, only.Name);
        }
        else if (confs.Length > 0)
        {
            string names = string.Join(", ", confs.Take(MostNamed).Select(conf => conf.Name));
            LogFirstUseOfMany(logger, confs.Length, confs.Length > MostNamed ? $"{names}, ..." : names);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "peer {Peer}: no record of these keys, so sequence numbers start at 1")]
    private static partial void LogFirstUse(ILogger logger, string peer);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "{Count} peers ({Names}): no record of these keys, so sequence numbers start at 1")]
    private static partial void LogFirstUseOfMany(ILogger logger, int count, string names);
}
