using System.Collections.Immutable;
using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Configuration;

/// <summary>One peer as its conf file describes it, validated: whatever exists as a PeerConf can be run.</summary>
/// <remarks>Owns the keys; disposing it wipes them.</remarks>
public sealed record PeerConf : IDisposable
{
    public const ushort DefaultPort = 1100;
    public const int DefaultReplayWindow = 1024;
    public const int DefaultDpdMisses = 3;
    public const string DefaultTunName = "natt0";
    public const string DefaultStateDirectory = "/var/lib/natt-tun";

    public static readonly TimeSpan DefaultKeepalive = TimeSpan.FromSeconds(20);
    public static readonly TimeSpan DefaultDpdInterval = TimeSpan.FromSeconds(10);

    /// <summary>The conf file's path as the user gave it.</summary>
    public required string File { get; init; }

    /// <summary>
    /// What log lines call the peer: the file's name without directory and <c>.conf</c>, within a <see cref="ConfSet"/> with so
    /// many folders in front that no other has it.
    /// </summary>
    public required string Name { get; init; }

    /// <summary><c>ori_local_public_ip</c>; null: any address, IPv4 and IPv6.</summary>
    public IpAddress? BindAddress { get; init; }

    /// <summary><c>ori_local_port</c>.</summary>
    public ushort BindPort { get; init; } = DefaultPort;

    /// <summary><c>local_default_if</c>: the outer interface to bind to, or null.</summary>
    public string? OuterInterface { get; init; }

    /// <summary><c>nat_local_public_ip</c>: where the peer sees us; for exports alone.</summary>
    public IpAddress? NatAddress { get; init; }

    /// <summary><c>nat_local_port</c>, likewise.</summary>
    public ushort? NatPort { get; init; }

    /// <summary><c>remote_public_ip</c>: an address or a DNS name; null: wait for the peer and learn.</summary>
    public string? RemoteHost { get; init; }

    /// <summary><c>remote_port</c>.</summary>
    public ushort RemotePort { get; init; } = DefaultPort;

    /// <summary>Addresses to put on the device, each with the prefix length it was written with (32 or 128 for a bare one).</summary>
    public ImmutableArray<DeviceAddress> DeviceAddresses { get; init; } = [];

    /// <summary>What <c>local_private_ip</c> and <c>remote_private_ip</c> select; its remote prefixes are also the routes.</summary>
    public required TrafficSelector Selector { get; init; }

    /// <summary>Where probes come from: the first device address of the target's family; null: no probing.</summary>
    public IpAddress? ProbeSource { get; init; }

    /// <summary><c>dpd_target</c>, else the first remote host address; null: no probing.</summary>
    public IpAddress? ProbeTarget { get; init; }

    public required AssociationConf Inbound { get; init; }

    public required AssociationConf Outbound { get; init; }

    /// <summary><c>next_spi_in</c>, <c>next_enc_in</c> and <c>next_auth_in</c>: what is to follow <see cref="Inbound"/>.</summary>
    public AssociationConf? NextInbound { get; init; }

    /// <summary>There where <see cref="NextInbound"/> is.</summary>
    public AssociationConf? NextOutbound { get; init; }

    /// <summary><c>retire_after</c>; null: replaced keys stay until nothing comes under them.</summary>
    public TimeSpan? RetireAfter { get; init; }

    /// <summary><c>suite</c>.</summary>
    public CipherSuite Suite { get; init; } = CipherSuites.Default;

    /// <summary>Whether <c>mode</c> is transport: from one address to one, and keys of its own for each direction.</summary>
    public bool IsTransport { get; init; }

    /// <summary>Octets of IP header that inner packets travel without.</summary>
    public int OmittedHeaderSize => IsTransport ? IcmpPacket.IPHeaderSize(Selector.Local[0].Network.IsIPv6) : 0;

    /// <summary><c>espmode</c>; null: <c>auto</c>.</summary>
    public UdpFraming? Framing { get; init; }

    /// <summary>One of the suite's.</summary>
    public int IcvBits { get; init; } = 128;

    /// <summary><c>esn</c>: 64-bit sequence numbers (RFC 4303 §2.2.1).</summary>
    public bool ExtendedSequenceNumbers { get; init; }

    /// <summary>Packets; 0: no replay protection.</summary>
    public int ReplayWindow { get; init; } = DefaultReplayWindow;

    /// <summary>Zero: off.</summary>
    public TimeSpan Keepalive { get; init; } = DefaultKeepalive;

    /// <summary>Zero: no idle probes.</summary>
    public TimeSpan DpdInterval { get; init; } = DefaultDpdInterval;

    public int DpdMisses { get; init; } = DefaultDpdMisses;

    /// <summary><c>tun_name</c>.</summary>
    public string TunName { get; init; } = DefaultTunName;

    /// <summary><c>mtu</c> of the device in octets; null: from the outer path.</summary>
    public int? Mtu { get; init; }

    public string StateDirectory { get; init; } = DefaultStateDirectory;

    /// <summary><c>tun_offload</c>: whether the device may move many packets in one.</summary>
    public bool TunOffload { get; init; } = true;

    /// <summary><c>udp_offload</c>: whether the socket may.</summary>
    public bool UdpOffload { get; init; } = true;

    /// <summary><c>workers</c> a direction; null: by the cores.</summary>
    public int? Workers { get; init; }

    /// <summary><c>user</c>: in whose name packets are moved; null: whoever starts natt-tun.</summary>
    public string? User { get; init; }

    /// <summary>The outbound SAs, the next one among them.</summary>
    internal IEnumerable<AssociationConf> Outbounds => NextOutbound is null ? [Outbound] : [Outbound, NextOutbound];

    /// <summary>What the user should know though nothing is wrong: one line each, file and line included.</summary>
    public ImmutableArray<ConfNotice> Notices { get; init; } = [];

    /// <summary>Where the file gives each key, by the key's first name.</summary>
    internal IReadOnlyDictionary<string, ConfPlace> Places { get; init; } = ImmutableDictionary<string, ConfPlace>.Empty;

    public void Dispose()
    {
        Inbound.Dispose();
        Outbound.Dispose();
        NextInbound?.Dispose();
        NextOutbound?.Dispose();
    }
}

/// <summary>An address for the device, with the length of its prefix in bits.</summary>
public readonly record struct DeviceAddress(IpAddress Address, int PrefixLength)
{
    public override string ToString() => $"{Address}/{PrefixLength}";
}

/// <summary>SPI and keys of one direction.</summary>
/// <param name="Spi">256 or above.</param>
/// <param name="EncryptionKey">Of an AEAD: key and salt.</param>
/// <param name="AuthenticationKey">Of an AEAD: empty.</param>
public sealed record AssociationConf(uint Spi, KeyMaterial EncryptionKey, KeyMaterial AuthenticationKey) : IDisposable
{
    /// <summary>What its durable state goes by.</summary>
    /// <remarks>An AEAD's counter belongs to its key alone: another SPI must not start it again.</remarks>
    public AssociationFingerprint FingerprintAs(AssociationDirection direction) =>
        AssociationFingerprint.Compute(AuthenticationKey.Length == 0 ? 0 : Spi, direction, EncryptionKey, AuthenticationKey);

    public void Dispose()
    {
        EncryptionKey.Dispose();
        AuthenticationKey.Dispose();
    }
}

/// <summary>A line for the log: <c>FILE:LINE: key: text</c>.</summary>
public readonly record struct ConfNotice(bool IsWarning, string Text);
