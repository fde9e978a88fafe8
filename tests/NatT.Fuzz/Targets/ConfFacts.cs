using NatT.Crypto;
using NatT.Fuzz.Engine;
using NatT.Tunnel.Configuration;

namespace NatT.Fuzz.Targets;

/// <summary>What a conf says, to compare with another, and what must be true of any that exists.</summary>
internal static class ConfFacts
{
    /// <summary>Everything but what tells of lines.</summary>
    public static string Describe(PeerConf conf) => string.Join('|',
        conf.Name, conf.BindAddress, conf.BindPort, conf.OuterInterface, conf.RemoteHost, conf.RemotePort, string.Join(',', conf.DeviceAddresses),
        string.Join(',', conf.Selector.Local), string.Join(',', conf.Selector.Remote), conf.ProbeSource, conf.ProbeTarget,
        Describe(conf.Inbound), Describe(conf.Outbound), Describe(conf.NextInbound), Describe(conf.NextOutbound), conf.RetireAfter,
        conf.IsTransport, conf.NatAddress, conf.NatPort, conf.Suite.Name, conf.Framing, conf.IcvBits, conf.ExtendedSequenceNumbers,
        conf.ReplayWindow, conf.Keepalive, conf.DpdInterval, conf.DpdMisses, conf.TunName, conf.Mtu, conf.StateDirectory, conf.TunOffload,
        conf.UdpOffload, conf.Workers);

    /// <summary>Whatever exists as a conf can be run.</summary>
    public static void Check(PeerConf conf)
    {
        Require.Holds(conf.ReplayWindow is 0 or (>= 32 and <= 8192));
        Require.Holds(!conf.ExtendedSequenceNumbers || conf.ReplayWindow > 0);
        Require.Holds(conf.BindPort > 0 && conf.RemotePort > 0 && conf.DpdMisses > 0);
        Require.Holds(conf.Keepalive >= TimeSpan.Zero && conf.DpdInterval >= TimeSpan.Zero);
        Require.Holds(conf.TunName.Length is > 0 and < 16 && conf.TunName is not ("." or "..") && !conf.TunName.Any(c => c is '/' or <= ' '));
        Require.Holds(conf.StateDirectory.StartsWith('/') && !conf.StateDirectory.Contains('\0', StringComparison.Ordinal));
        Require.Holds(conf.Selector.Local.Length > 0 && conf.Selector.Remote.Length > 0);
        Require.Holds(conf.Mtu is null or >= 576);
        foreach (ConfNotice notice in conf.Notices)
        {
            CheckLine(notice.Text);
        }

        Require.Holds(conf.NextInbound is null == conf.NextOutbound is null);
        AssociationConf?[] associations = [conf.Inbound, conf.Outbound, conf.NextInbound, conf.NextOutbound];
        foreach (AssociationConf association in associations.OfType<AssociationConf>())
        {
            Require.Holds(association.Spi > 255);
            using CipherKey key = conf.Suite.CreateKey(association.EncryptionKey.Octets, association.AuthenticationKey.Octets, conf.IcvBits / 8);
        }

        if (conf.Suite is AeadSuite)
        {
            Require.Holds(!conf.Inbound.EncryptionKey.FixedTimeEquals(conf.Outbound.EncryptionKey), "an AEAD's key belongs to one direction");
        }
    }

    /// <summary>A line for a terminal: one, and nothing in it that the terminal would obey.</summary>
    public static void CheckLine(string line) =>
        Require.Holds(line.Length is > 0 and < 4096 && !line.Any(char.IsControl), "a line for people is one line of text");

    private static string Describe(AssociationConf? conf) => conf is null
        ? ""
        : $"{conf.Spi} {Convert.ToHexString(conf.EncryptionKey.Octets)} {Convert.ToHexString(conf.AuthenticationKey.Octets)}";
}
