using System.Collections.Immutable;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Interchange;

/// <summary>A conf as static-ipsec-nat-t has them, for the scripts to take this end's place.</summary>
public static class ScriptsConf
{
    /// <summary>Why the scripts can have no such tunnel, or null.</summary>
    public static string? WhyNone(PeerConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        string? why = conf.Suite != CipherSuites.Default
                ? $"suite = {conf.Suite.Name}, and the scripts have {CipherSuites.Default.Name} alone"
            : conf.IcvBits != 96
                ? $"icv_bits = {conf.IcvBits}, and the scripts' kernel has 96: set compat = static-ipsec-nat-t at both ends first"
            : conf.ExtendedSequenceNumbers ? "esn = yes, which the scripts have not: set esn = no at both ends first"
            : conf.Inbound.Spi != conf.Outbound.Spi ? "spi_in and spi_out differ, and the scripts have one SPI for both directions"
            : !HasSharedKeys(conf) ? "each direction has its own keys, and the scripts have one set for both"
            : !IsOneHost(conf.Selector.Local) ? "local_private_ip is more than one address, and the scripts have one"
            : !IsOneHost(conf.Selector.Remote) ? "remote_private_ip is more than one address, and the scripts have one"
            : conf.RemoteHost is null ? "remote_public_ip is empty, and the scripts do not wait for a peer: add --there ADDRESS"
            : null;
        return why is null ? null : $"{conf.File}: {why}";
    }

    /// <summary>What the scripts leave out of a tunnel that they can have; one line each.</summary>
    public static IEnumerable<string> Limits(PeerConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        if (conf.ReplayWindow > 0)
        {
            yield return $"{conf.File}: replay_window = {conf.ReplayWindow}, but the scripts' kernel takes replayed packets";
        }
    }

    /// <summary>Writes the conf behind what is in <paramref name="text"/>.</summary>
    /// <param name="text">Gets the conf.</param>
    /// <param name="conf">One without <see cref="WhyNone"/>.</param>
    /// <param name="own">Address and port of this machine.</param>
    /// <param name="nat">What the far end sees of them.</param>
    public static void Append(SecretText text, PeerConf conf, (IpAddress Address, ushort Port) own, (IpAddress Address, ushort Port) nat)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(conf);
        text.Append(
            $"""
            ori_local_public_ip={own.Address}
            nat_local_public_ip={nat.Address}
            local_private_ip={conf.Selector.Local[0].Network}
            spi_id=0x{conf.Outbound.Spi:x8}
            auth_sha256=0x
            """);
        text.AppendHex(conf.Outbound.AuthenticationKey.Octets);
        text.Append("\nenc_aes=0x");
        text.AppendHex(conf.Outbound.EncryptionKey.Octets);
        text.Append(
            $"""

            remote_public_ip={conf.RemoteHost}
            remote_private_ip={conf.Selector.Remote[0].Network}
            ori_local_port={own.Port}
            nat_local_port={nat.Port}
            remote_port={conf.RemotePort}
            espmode={FramingNames.Of(conf.Framing ?? UdpFraming.NonIke)}
            local_default_if={conf.OuterInterface}
            remote_default_if=
            remote_ssh_user=
            remote_ssh_port=

            """);
    }

    private static bool HasSharedKeys(PeerConf conf) =>
        conf.Inbound.EncryptionKey.FixedTimeEquals(conf.Outbound.EncryptionKey)
        && conf.Inbound.AuthenticationKey.FixedTimeEquals(conf.Outbound.AuthenticationKey);

    private static bool IsOneHost(ImmutableArray<IpPrefix> prefixes) => prefixes is [{ IsHost: true }];
}
