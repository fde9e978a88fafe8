using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Peers;

/// <summary>Builds peers from their confs and from what earlier runs recorded.</summary>
public sealed partial class PeerFactory(RandomIvs ivs, StateStore store, TimeProvider time, ILogger logger)
{
    /// <summary>A line names so many peers and no more.</summary>
    private const int MostNamed = 4;

    /// <summary>All peers, or none where one cannot be made.</summary>
    /// <param name="confs">Stay the caller's; their keys may be wiped afterwards.</param>
    /// <param name="endpoints">Where each peer is, as far as its conf tells.</param>
    /// <exception cref="StateUnavailableException">The records cannot be written, or one is missing that must not be: nothing may be sent.</exception>
    public IReadOnlyList<Peer> Create(IReadOnlyList<PeerConf> confs, IReadOnlyList<OuterEndpoint?> endpoints)
    {
        ArgumentNullException.ThrowIfNull(confs);
        ArgumentNullException.ThrowIfNull(endpoints);
        NonceRecords.Require(store, confs);
        ImmutableArray<OutboundRecord> records =
            store.OpenOutbound([.. confs.Select(conf => conf.Outbound.FingerprintAs(AssociationDirection.Outbound))]);
        LogFirstUses([.. confs.Where((_, i) => records[i].IsNew)]);
        var peers = new List<Peer>(confs.Count);
        try
        {
            for (int i = 0; i < confs.Count; i++)
            {
                peers.Add(Create(confs[i], endpoints[i], records[i]));
            }

            return peers;
        }
        catch
        {
            peers.ForEach(peer => peer.Dispose());
            throw;
        }
    }

    private Peer Create(PeerConf conf, OuterEndpoint? endpoint, OutboundRecord outboundRecord)
    {
        (TransportMode? modeIn, TransportMode? modeOut) = Modes(conf);
        var sequence = new SequenceCounter(outboundRecord.First, conf.ExtendedSequenceNumbers);
        var outbound = new OutboundSecurityAssociation(Parameters(conf, conf.Outbound, modeOut), sequence, ivs);
        var inbound = new InboundSecurityAssociation(Parameters(conf, conf.Inbound, modeIn), conf.ReplayWindow);
        InboundRecord? inboundRecord =
            inbound.HasWindow ? store.OpenInbound(conf.Inbound.FingerprintAs(AssociationDirection.Inbound)) : null;
        Resume(inbound, inboundRecord);
        return new Peer
        {
            Name = conf.Name,
            Selector = conf.Selector,
            InboundPolicy = new InboundPolicy(conf.Selector, conf.DeviceAddresses.Select(a => a.Address)),
            Outbound = outbound,
            OutboundRecord = outboundRecord,
            Inbound = inbound,
            InboundRecord = inboundRecord,
            ProbeSource = conf.ProbeSource,
            ProbeTarget = conf.ProbeTarget,
            RemoteName = conf.RemoteHost is string host && !IpAddress.TryParse(host, out _) ? host : null,
            RemotePort = conf.RemotePort,
            DpdMisses = conf.DpdMisses,
            Monitor = new PeerMonitor(MonitorOptions(conf, inbound, outbound, endpoint), time.GetElapsedTime(0)),
        };
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

    private static SecurityAssociationParameters Parameters(PeerConf conf, AssociationConf association, TransportMode? transport) =>
        new(
            association.Spi,
            conf.Suite.CreateKey(association.EncryptionKey.Octets, association.AuthenticationKey.Octets, conf.IcvBits / 8),
            conf.ExtendedSequenceNumbers)
        {
            Transport = transport,
        };

    private static (TransportMode? In, TransportMode? Out) Modes(PeerConf conf)
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
