using System.Collections.Immutable;
using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Configuration;

/// <summary>
/// Finds what keeps confs, each of them good, from being used together. Every problem is told at the later file's place and
/// names the earlier one's. No check compares every file with every other.
/// </summary>
internal sealed class ConfConflicts
{
    private readonly ImmutableArray<PeerConf> _confs;
    private readonly List<ConfProblem> _problems = [];

    private ConfConflicts(ImmutableArray<PeerConf> confs) => _confs = confs;

    public static IReadOnlyList<ConfProblem> Find(ImmutableArray<PeerConf> confs)
    {
        var conflicts = new ConfConflicts(confs);
        if (confs.Length > 1)
        {
            conflicts.CheckProcessKeys();
            conflicts.CheckMtu();
            conflicts.CheckOuterFamilies();
            conflicts.CheckInboundSpis();
            conflicts.CheckOutboundNumbers();
            conflicts.CheckAeadKeys();
            conflicts.CheckReflections();
            conflicts.CheckDeviceAddresses();
            conflicts.CheckSelectors();
            conflicts.CheckRoutingLoops();
        }

        return conflicts._problems;
    }

    private void CheckProcessKeys()
    {
        foreach ((string key, Func<PeerConf, string> value) in ProcessConf.Keys)
        {
            PeerConf? first = null;
            foreach (PeerConf conf in _confs.Where(conf => conf.Places.ContainsKey(key)))
            {
                first ??= conf;
                if (value(conf) != value(first))
                {
                    Refuse(conf, key, $"{value(conf)}, but also in {Place(first, key)} as {value(first)}; "
                        + "there is one for all peers, write it once or the same everywhere");
                }
            }
        }
    }

    /// <summary>The device of all has the MTU that one of them gives; its reader has looked at that one's addresses alone.</summary>
    private void CheckMtu()
    {
        PeerConf? small = _confs.FirstOrDefault(conf => conf.Mtu < ConfReader.MinMtuIPv6);
        PeerConf? holder = small is null ? null : _confs.FirstOrDefault(conf => conf.Selector.Local.Any(range => range.Network.IsIPv6));
        if (small is not null && holder is not null)
        {
            Refuse(small, ConfKeys.Mtu, $"{small.Mtu} is too small for the IPv6 in {Place(holder, ConfKeys.LocalPrivateIp)}; "
                + $"there is one device for all peers, write {ConfReader.MinMtuIPv6} or more, or leave IPv6 out there");
        }
    }

    private void CheckOuterFamilies()
    {
        PeerConf? bound = _confs.FirstOrDefault(conf => conf.BindAddress is not null);
        if (bound?.BindAddress is not IpAddress bind)
        {
            return;
        }

        foreach (PeerConf conf in _confs)
        {
            if (RemoteAddress(conf) is IpAddress remote && remote.IsIPv6 != bind.IsIPv6)
            {
                Refuse(conf, ConfKeys.RemotePublicIp,
                    $"{remote} cannot be reached from ori_local_public_ip {bind} of the other IP version in "
                    + $"{Place(bound, ConfKeys.OriLocalPublicIp)}; write both of one version, or leave ori_local_public_ip empty");
            }
        }
    }

    private void CheckInboundSpis()
    {
        var bySpi = new Dictionary<uint, (PeerConf Conf, string Key)>();
        foreach (PeerConf conf in _confs)
        {
            foreach ((string key, AssociationConf inbound) in Inbounds(conf))
            {
                uint spi = inbound.Spi;
                if (!bySpi.TryAdd(spi, (conf, key)) && bySpi[spi].Conf != conf)
                {
                    Refuse(conf, key, $"0x{spi:x} also in {Place(bySpi[spi].Conf, bySpi[spi].Key)}; "
                        + "arriving packets are told apart by it, give each peer one of its own");
                }
            }
        }
    }

    // Records are found by SPI and keys: one record for two counters would have each number used twice.
    private void CheckOutboundNumbers()
    {
        var byFingerprint = new Dictionary<AssociationFingerprint, (PeerConf Conf, string Key)>();
        foreach (PeerConf conf in _confs.Where(conf => conf.Suite is not AeadSuite))
        {
            foreach ((string key, AssociationConf outbound) in Outbounds(conf))
            {
                AssociationFingerprint fingerprint = outbound.FingerprintAs(AssociationDirection.Outbound);
                if (!byFingerprint.TryAdd(fingerprint, (conf, key)))
                {
                    (PeerConf first, string firstKey) = byFingerprint[fingerprint];
                    Refuse(conf, key, $"0x{outbound.Spi:x} with the same keys also in {Place(first, firstKey)}; "
                        + "sequence numbers would be used twice under one key, give each peer keys of its own");
                }
            }
        }
    }

    // Every SA counts its packets from 1: two of them under one key would have the same nonces.
    private void CheckAeadKeys()
    {
        if (!_confs.Any(conf => conf.Suite is AeadSuite))
        {
            return;
        }

        var byKey = new Dictionary<AssociationFingerprint, (PeerConf Conf, string Key)>();
        foreach (PeerConf conf in _confs)
        {
            foreach ((string key, AssociationConf association) in Ciphers(conf))
            {
                AssociationFingerprint digest = conf.Suite is AeadSuite
                    ? AeadKeys.Digest(association.EncryptionKey)
                    : AeadKeys.DigestWithoutSalt(association.EncryptionKey);
                if (byKey.TryAdd(digest, (conf, key)))
                {
                    continue;
                }

                (PeerConf first, string firstKey) = byKey[digest];
                if (first != conf && (conf.Suite is AeadSuite || first.Suite is AeadSuite))
                {
                    CipherSuite suite = conf.Suite is AeadSuite ? conf.Suite : first.Suite;
                    Refuse(conf, key, $"the same key also in {Place(first, firstKey)}; {suite.Name} must have it for itself, "
                        + $"make new ones: natt-tun keygen --suite {suite.Name}");
                }
            }
        }
    }

    // What we send one peer could be sent back to us as another's, and in transport mode no inner address tells.
    private void CheckReflections()
    {
        if (!_confs.Any(conf => conf.IsTransport))
        {
            return;
        }

        var outbound = new Dictionary<AssociationFingerprint, PeerConf>();
        foreach (PeerConf conf in _confs.Where(conf => conf.Suite is not AeadSuite))
        {
            outbound.TryAdd(Authentication(conf.Outbound), conf);
        }

        foreach (PeerConf conf in _confs.Where(conf => conf.IsTransport && conf.Suite is not AeadSuite))
        {
            if (outbound.TryGetValue(Authentication(conf.Inbound), out PeerConf? sender) && sender != conf)
            {
                Refuse(conf, ConfKeys.SpiIn, $"0x{conf.Inbound.Spi:x} with the same key as {Place(sender, ConfKeys.SpiOut)} has for spi_out; "
                    + "what we send there could be sent back to us as from this peer, give each peer keys of its own");
            }
        }
    }

    private static AssociationFingerprint Authentication(AssociationConf association)
    {
        using var none = new KeyMaterial([]);
        return AssociationFingerprint.Compute(association.Spi, AssociationDirection.Outbound, none, association.AuthenticationKey);
    }

    private void CheckDeviceAddresses()
    {
        var own = new Dictionary<IpAddress, (PeerConf Conf, DeviceAddress Written)>();
        foreach (PeerConf conf in _confs)
        {
            foreach (DeviceAddress address in conf.DeviceAddresses)
            {
                if (!own.TryAdd(address.Address, (conf, address)) && own[address.Address].Written != address)
                {
                    (PeerConf first, DeviceAddress written) = own[address.Address];
                    Refuse(conf, ConfKeys.LocalPrivateIp, $"{address}, but also in {Place(first, ConfKeys.LocalPrivateIp)} as {written}; "
                        + "write one prefix length in both");
                }
            }
        }

        foreach (PeerConf conf in _confs)
        {
            foreach (IpPrefix remote in conf.Selector.Remote)
            {
                if (remote.IsHost && own.TryGetValue(remote.Network, out (PeerConf Conf, DeviceAddress) holder))
                {
                    Refuse(conf, ConfKeys.RemotePrivateIp, $"{remote.Network} is this host's own, "
                        + $"also in {Place(holder.Conf, ConfKeys.LocalPrivateIp)} as local_private_ip; write the peer's address");
                }
            }
        }
    }

    private void CheckSelectors()
    {
        foreach ((PeerConf conf, PeerConf first, IpPrefix remote, IpPrefix local) in SelectorOverlap.Find(_confs))
        {
            Refuse(conf, ConfKeys.RemotePrivateIp, $"{remote} also in {Place(first, ConfKeys.RemotePrivateIp)}, for packets from {local} "
                + "as well; they would have two peers to go to, write ranges apart, or a longer prefix in one of the two");
        }
    }

    /// <summary>Packets to any peer must not be routed into the tunnel that they carry.</summary>
    private void CheckRoutingLoops()
    {
        var holders = new Dictionary<IpPrefix, PeerConf>();
        foreach (PeerConf conf in _confs)
        {
            foreach (IpPrefix remote in conf.Selector.Remote)
            {
                holders.TryAdd(remote, conf);
            }
        }

        var table = new PrefixTable<PeerConf>(holders);
        var told = new HashSet<string>();
        foreach (PeerConf conf in _confs)
        {
            if (RemoteAddress(conf) is not IpAddress peer)
            {
                continue;
            }

            int position = 0;
            while (table.Next(peer, ref position) is PeerConf holder)
            {
                // One address is enough to show what is wrong with a network.
                if (told.Add(holder.File))
                {
                    Refuse(holder, ConfKeys.RemotePrivateIp, $"holds remote_public_ip {peer}, which is in "
                        + $"{Place(conf, ConfKeys.RemotePublicIp)}; the tunnel would carry its own packets, write networks that leave it out");
                }
            }
        }
    }

    private static IEnumerable<(string Key, AssociationConf Association)> Inbounds(PeerConf conf) => conf.NextInbound is null
        ? [(ConfKeys.SpiIn, conf.Inbound)]
        : [(ConfKeys.SpiIn, conf.Inbound), (ConfKeys.NextSpiIn, conf.NextInbound)];

    private static IEnumerable<(string Key, AssociationConf Association)> Outbounds(PeerConf conf) => conf.NextOutbound is null
        ? [(ConfKeys.SpiOut, conf.Outbound)]
        : [(ConfKeys.SpiOut, conf.Outbound), (ConfKeys.NextSpiOut, conf.NextOutbound)];

    private static IEnumerable<(string Key, AssociationConf Association)> Ciphers(PeerConf conf) =>
        conf.NextInbound is null || conf.NextOutbound is null
            ? [(ConfKeys.EncIn, conf.Inbound), (ConfKeys.EncOut, conf.Outbound)]
            :
            [
                (ConfKeys.EncIn, conf.Inbound), (ConfKeys.EncOut, conf.Outbound),
                (ConfKeys.NextEncIn, conf.NextInbound), (ConfKeys.NextEncOut, conf.NextOutbound),
            ];

    private static IpAddress? RemoteAddress(PeerConf conf) =>
        AddressKinds.TryParse(conf.RemoteHost, out IpAddress address) ? address : null;

    private static string Place(PeerConf conf, string key) => ConfLine.Place(conf.File, Find(conf, key).Line);

    private void Refuse(PeerConf conf, string key, string text)
    {
        ConfPlace place = Find(conf, key);
        _problems.Add(new ConfProblem(conf.File, place.Line, place.WrittenAs, text));
    }

    /// <summary>Where the file gives the key, or the one key that stands for both directions.</summary>
    private static ConfPlace Find(PeerConf conf, string key)
    {
        string? both = key switch
        {
            ConfKeys.SpiIn or ConfKeys.SpiOut => ConfKeys.Spi,
            ConfKeys.EncIn or ConfKeys.EncOut => ConfKeys.Enc,
            _ => null,
        };
        return conf.Places.TryGetValue(key, out ConfPlace place) || (both is not null && conf.Places.TryGetValue(both, out place))
            ? place
            : new ConfPlace(0, key);
    }
}
