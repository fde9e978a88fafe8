using System.Collections.Immutable;
using NatT.Crypto;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Interchange;

/// <summary>Says in the words of <c>ip xfrm</c> what one end of a tunnel is, for a kernel to take that end's place.</summary>
/// <remarks>As a script whose keys go through standard input: those of a command line everybody on the machine could read.</remarks>
public sealed class XfrmCommands
{
    /// <summary>Linux has no larger one (XFRMA_REPLAY_ESN_MAX).</summary>
    public const int LargestWindow = 4096;

    private readonly PeerConf _conf;
    private readonly TunnelEnd _end;
    private readonly OuterEnds _outer;
    private readonly string _framing;
    private readonly SequenceNumbers _numbers;

    /// <param name="conf">Of this end.</param>
    /// <param name="end">Whose place the kernel takes.</param>
    /// <param name="outer">As that end sees them.</param>
    /// <param name="framing">One that the conf allows.</param>
    /// <param name="numbers">This end's.</param>
    public XfrmCommands(PeerConf conf, TunnelEnd end, OuterEnds outer, UdpFraming framing, SequenceNumbers numbers)
    {
        ArgumentNullException.ThrowIfNull(conf);
        _conf = conf;
        _end = end;
        _outer = outer;
        _framing = FramingNames.Of(framing);
        _numbers = numbers;
    }

    /// <summary>After which number the kernel's own go on; 0: from the start.</summary>
    /// <remarks>The far end may have sent more than we received.</remarks>
    public ulong LastSent => _end == TunnelEnd.This ? _numbers.LastSent : SequenceNumbers.Beyond(_numbers.LastReceived);

    /// <summary>What the kernel takes for the highest number received; 0: none.</summary>
    /// <remarks>
    /// A new state's window is empty, and takes every number in it once. So it begins where the numbers of before end.
    /// </remarks>
    public ulong LastReceived
    {
        get
        {
            ulong passed = _end == TunnelEnd.This ? _numbers.LastReceived : _numbers.LastSent;
            ulong last = passed == 0 || Window == 0 ? 0 : passed + (ulong)Window;
            return _conf.ExtendedSequenceNumbers ? last : Math.Min(last, uint.MaxValue);
        }
    }

    private string Mode => _conf.IsTransport ? "transport" : "tunnel";

    private int Window => Math.Min(_conf.ReplayWindow, LargestWindow);

    private AssociationConf Outbound => _end == TunnelEnd.This ? _conf.Outbound : _conf.Inbound;

    private AssociationConf Inbound => _end == TunnelEnd.This ? _conf.Inbound : _conf.Outbound;

    private ImmutableArray<IpPrefix> Own => _end == TunnelEnd.This ? _conf.Selector.Local : _conf.Selector.Remote;

    private ImmutableArray<IpPrefix> Peer => _end == TunnelEnd.This ? _conf.Selector.Remote : _conf.Selector.Local;

    // The scripts take the SPI too. It is one number for both directions, and no other peer has it.
    private string RequestId => $"reqid {_conf.Inbound.Spi}";

    /// <summary>Why there are no commands for such a tunnel, or null.</summary>
    public string? WhyNone() =>
        !_conf.ExtendedSequenceNumbers && LastSent >= uint.MaxValue
            ? $"{_conf.File}: its sequence numbers are nearly used up, make new keys: natt-tun keygen"
            : null;

    /// <summary>Writes the script behind what is in <paramref name="text"/>.</summary>
    public void Append(SecretText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        AppendComments(text);
        text.Append("set -e\nip -batch - <<'END'\n");
        AppendState(text, Outbound, _outer.Own, _outer.Peer, $"{_outer.OwnPort} {_outer.PeerPort}", isOutbound: true);
        AppendState(text, Inbound, _outer.Peer, _outer.Own, $"{_outer.PeerPort} {_outer.OwnPort}", isOutbound: false);
        if (_conf.IsTransport)
        {
            AppendTransportPolicies(text);
        }

        foreach (IpPrefix own in _conf.IsTransport ? [] : Own)
        {
            foreach (IpPrefix peer in Peer.Where(peer => peer.Network.IsIPv6 == own.Network.IsIPv6))
            {
                AppendPolicies(text, own, peer);
            }
        }

        text.Append("END\n");
    }

    private void AppendComments(SecretText text)
    {
        string whose = _end == TunnelEnd.This ? "this end" : "the far end";
        string inside = _conf.IsTransport
            ? $"All else between {_outer.Own} and {_outer.Peer} is protected: in transport mode these are the kernel's addresses inside "
                + "too."
            : "Where the addresses inside are on no device yet: "
                + string.Join("; ", OwnAddresses().Select(own => $"ip address add {own} dev lo"));
        string type = _framing == "espinudp" ? "2 (espinudp)" : "1 (espinudp-nonike, which Linux has up to 6.9)";
        text.Append(
            $"""
            #!/bin/sh
            # The tunnel of {_conf.Name}, {whose}, for the kernel's own IPsec: made by natt-tun export xfrm. It holds the keys.
            # Run it as root on that machine, once, where no natt-tun runs with these keys any more, and delete it.
            #
            # The kernel takes the datagrams while a program, such as decapudp, holds UDP port {_outer.OwnPort} open with the socket option
            # UDP_ENCAP = {type}. It answers to {_outer.Peer} port {_outer.PeerPort} alone, wherever packets come from.
            # {inside}
            #

            """);
        text.Append(LastSent == 0 && LastReceived == 0
            ? "# Sequence numbers: none was used so far.\n"
            : $"# Sequence numbers: its own go on after {LastSent}; it takes none that was used before. Without these words of\n"
            + "# replay-oseq and replay-seq they would start over, and repeat.\n");
        if (_conf.Suite is AeadSuite)
        {
            text.Append(
                $"""
                # {_conf.Suite.Name}: the kernel's IVs are its numbers behind 64 random bits of its own, natt-tun's have 32 random bits. That an IV
                # comes again under these keys is as unlikely as 1 in 2^32, not impossible: new keys, by natt-tun keygen, are better.

                """);
        }

        if (_conf.ReplayWindow > LargestWindow)
        {
            text.Append($"# The replay window is {LargestWindow}, Linux's largest, in place of {_conf.ReplayWindow}.\n");
        }
    }

    private string[] OwnAddresses()
    {
        string[] addresses =
        [
            .. _end == TunnelEnd.This
                ? _conf.DeviceAddresses.Select(own => $"{own}")
                : _conf.Selector.Remote.Where(prefix => prefix.IsHost).Select(prefix => $"{prefix}"),
        ];
        return addresses.Length == 0 ? ["ip address add ADDRESS dev lo"] : addresses;
    }

    private void AppendState(
        SecretText text, AssociationConf association, IpAddress source, IpAddress destination, string ports, bool isOutbound)
    {
        text.Append($"xfrm state add src {source} dst {destination} proto esp spi 0x{association.Spi:x8} {RequestId} mode {Mode}");
        if (Window > 0)
        {
            text.Append($" replay-window {Window}");
        }

        // In a tunnel inner addresses may be of the other IP version.
        string[] flags =
        [
            .. _conf.IsTransport ? Array.Empty<string>() : ["af-unspec"],
            .. _conf.ExtendedSequenceNumbers ? ["esn"] : Array.Empty<string>(),
        ];
        text.Append(flags.Length == 0 ? "" : $" flag {string.Join(' ', flags)}");
        ulong number = isOutbound ? LastSent : LastReceived;
        if (number > 0)
        {
            string name = isOutbound ? "replay-oseq" : "replay-seq";
            text.Append($" {name} {(uint)number}");
            text.Append(_conf.ExtendedSequenceNumbers ? $" {name}-hi {number >> 32}" : "");
        }

        var algorithm = XfrmAlgorithm.Of(_conf);
        text.Append(algorithm.IsAead ? $" aead {algorithm.Cipher} 0x" : $" enc {algorithm.Cipher} 0x");
        text.AppendHex(association.EncryptionKey.Octets);
        if (!algorithm.IsAead)
        {
            text.Append($" auth-trunc {algorithm.Hash} 0x");
            text.AppendHex(association.AuthenticationKey.Octets);
        }

        text.Append($" {algorithm.IcvBits} encap {_framing} {ports} {(source.IsIPv6 ? "::" : "0.0.0.0")}\n");
    }

    /// <summary>What brings the protected packets must not have to be protected itself, nor what finds the neighbour.</summary>
    private void AppendTransportPolicies(SecretText text)
    {
        const int NeighbourSolicitation = 135;
        const int NeighbourAdvertisement = 136;
        string leaving = $"src {_outer.Own} dst {_outer.Peer}", arriving = $"src {_outer.Peer} dst {_outer.Own}";
        string template = $"proto esp {RequestId} mode transport";
        text.Append($"xfrm policy add {leaving} dir out priority 10 tmpl {leaving} {template}\n");
        text.Append($"xfrm policy add {arriving} dir in priority 10 tmpl {arriving} {template}\n");
        text.Append($"xfrm policy add {arriving} proto udp dport {_outer.OwnPort} dir in priority 1\n");
        foreach (int type in _outer.Own.IsIPv6 ? [NeighbourSolicitation, NeighbourAdvertisement] : Array.Empty<int>())
        {
            text.Append($"xfrm policy add {leaving} proto ipv6-icmp type {type} dir out priority 1\n");
            text.Append($"xfrm policy add {arriving} proto ipv6-icmp type {type} dir in priority 1\n");
        }
    }

    private void AppendPolicies(SecretText text, IpPrefix own, IpPrefix peer)
    {
        // The longest network of the peer's first, as natt-tun has it.
        int priority = peer.Network.BitLength - peer.Length;
        string template = $"tmpl src {_outer.Own} dst {_outer.Peer} proto esp {RequestId} mode tunnel";
        string opposite = $"tmpl src {_outer.Peer} dst {_outer.Own} proto esp {RequestId} mode tunnel";
        text.Append($"xfrm policy add src {own} dst {peer} dir out priority {priority} {template}\n");
        text.Append($"xfrm policy add src {peer} dst {own} dir in priority {priority} {opposite}\n");
        if (!own.IsHost)
        {
            text.Append($"xfrm policy add src {peer} dst {own} dir fwd priority {priority} {opposite}\n");
        }
    }
}
