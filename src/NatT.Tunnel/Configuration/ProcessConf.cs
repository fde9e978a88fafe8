using System.Collections.Immutable;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Configuration;

/// <summary>What confs say of the process as a whole: one socket, one device and one state directory serve all peers.</summary>
/// <param name="BindAddress"><c>ori_local_public_ip</c>; null: any address, IPv4 and IPv6.</param>
/// <param name="BindPort"><c>ori_local_port</c>.</param>
/// <param name="OuterInterface"><c>local_default_if</c>, or null.</param>
/// <param name="TunName"><c>tun_name</c>.</param>
/// <param name="Mtu"><c>mtu</c>; null: from the outer paths.</param>
/// <param name="StateDirectory"><c>state_dir</c>.</param>
/// <param name="TunOffload"><c>tun_offload</c>.</param>
/// <param name="UdpOffload"><c>udp_offload</c>.</param>
/// <param name="Workers"><c>workers</c>; null: by the cores.</param>
/// <param name="User"><c>user</c>; null: whoever starts it.</param>
public sealed record ProcessConf(
    IpAddress? BindAddress,
    ushort BindPort,
    string? OuterInterface,
    string TunName,
    int? Mtu,
    string StateDirectory,
    bool TunOffload,
    bool UdpOffload,
    int? Workers,
    string? User = null)
{
    /// <summary>The keys, each with its value as text. A file that leaves one out leaves it to the others.</summary>
    internal static readonly ImmutableArray<(string Key, Func<PeerConf, string> Value)> Keys =
    [
        (ConfKeys.OriLocalPublicIp, conf => $"{conf.BindAddress}"),
        (ConfKeys.OriLocalPort, conf => $"{conf.BindPort}"),
        (ConfKeys.LocalDefaultIf, conf => $"{conf.OuterInterface}"),
        (ConfKeys.TunName, conf => conf.TunName),
        (ConfKeys.Mtu, conf => $"{conf.Mtu}"),
        (ConfKeys.StateDir, conf => Path.TrimEndingDirectorySeparator(conf.StateDirectory)),
        (ConfKeys.TunOffload, conf => YesNo(conf.TunOffload)),
        (ConfKeys.UdpOffload, conf => YesNo(conf.UdpOffload)),
        (ConfKeys.Workers, conf => $"{conf.Workers}"),
        (ConfKeys.User, conf => $"{conf.User}"),
    ];

    /// <summary>Of confs that do not disagree: each value from the first one that gives it.</summary>
    internal static ProcessConf Of(ImmutableArray<PeerConf> confs)
    {
        return new ProcessConf(
            Giving(ConfKeys.OriLocalPublicIp).BindAddress,
            Giving(ConfKeys.OriLocalPort).BindPort,
            Giving(ConfKeys.LocalDefaultIf).OuterInterface,
            Giving(ConfKeys.TunName).TunName,
            Giving(ConfKeys.Mtu).Mtu,
            Giving(ConfKeys.StateDir).StateDirectory,
            Giving(ConfKeys.TunOffload).TunOffload,
            Giving(ConfKeys.UdpOffload).UdpOffload,
            Giving(ConfKeys.Workers).Workers,
            Giving(ConfKeys.User).User);

        PeerConf Giving(string key) => confs.FirstOrDefault(conf => conf.Places.ContainsKey(key)) ?? confs[0];
    }

    /// <summary>What the files say of the process, key by key, as text; confs that do not disagree.</summary>
    internal static IReadOnlyDictionary<string, string> TextsOf(ImmutableArray<PeerConf> confs) => Keys.ToDictionary(
        entry => entry.Key, entry => entry.Value(confs.FirstOrDefault(conf => conf.Places.ContainsKey(entry.Key)) ?? confs[0]));

    private static string YesNo(bool value) => value ? "yes" : "no";
}
