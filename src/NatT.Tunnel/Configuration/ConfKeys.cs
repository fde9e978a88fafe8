namespace NatT.Tunnel.Configuration;

/// <summary>The names a conf file knows.</summary>
internal static class ConfKeys
{
    public const string OriLocalPublicIp = "ori_local_public_ip";
    public const string OriLocalPort = "ori_local_port";
    public const string NatLocalPublicIp = "nat_local_public_ip";
    public const string NatLocalPort = "nat_local_port";
    public const string NatLocalPublicIpOnlineGet = "nat_local_public_ip_online_get";
    public const string RemotePublicIp = "remote_public_ip";
    public const string RemotePort = "remote_port";
    public const string LocalPrivateIp = "local_private_ip";
    public const string RemotePrivateIp = "remote_private_ip";
    public const string LocalDefaultIf = "local_default_if";
    public const string RemoteDefaultIf = "remote_default_if";
    public const string RemoteSshUser = "remote_ssh_user";
    public const string RemoteSshPort = "remote_ssh_port";
    public const string EspMode = "espmode";
    public const string Spi = "spi_id";
    public const string SpiIn = "spi_in";
    public const string SpiOut = "spi_out";
    public const string Enc = "enc_aes";
    public const string EncIn = "enc_in";
    public const string EncOut = "enc_out";
    public const string Auth = "auth";
    public const string AuthSha256 = "auth_sha256";
    public const string AuthIn = "auth_in";
    public const string AuthOut = "auth_out";
    public const string NextSpiIn = "next_spi_in";
    public const string NextSpiOut = "next_spi_out";
    public const string NextEncIn = "next_enc_in";
    public const string NextEncOut = "next_enc_out";
    public const string NextAuthIn = "next_auth_in";
    public const string NextAuthOut = "next_auth_out";
    public const string RetireAfter = "retire_after";
    public const string Suite = "suite";
    public const string Mode = "mode";
    public const string IcvBits = "icv_bits";
    public const string Esn = "esn";
    public const string ReplayWindow = "replay_window";
    public const string Compat = "compat";
    public const string Keepalive = "keepalive";
    public const string DpdInterval = "dpd_interval";
    public const string DpdMisses = "dpd_misses";
    public const string DpdTarget = "dpd_target";
    public const string TunName = "tun_name";
    public const string Mtu = "mtu";
    public const string StateDir = "state_dir";
    public const string TunOffload = "tun_offload";
    public const string UdpOffload = "udp_offload";
    public const string Workers = "workers";
    public const string User = "user";

    private static readonly string[] Names =
    [
        OriLocalPublicIp, OriLocalPort, NatLocalPublicIp, NatLocalPort, NatLocalPublicIpOnlineGet, RemotePublicIp, RemotePort,
        LocalPrivateIp, RemotePrivateIp, LocalDefaultIf, RemoteDefaultIf, RemoteSshUser, RemoteSshPort, EspMode,
        Spi, SpiIn, SpiOut, Enc, EncIn, EncOut, AuthSha256, Auth, AuthIn, AuthOut,
        NextSpiIn, NextSpiOut, NextEncIn, NextEncOut, NextAuthIn, NextAuthOut, RetireAfter,
        Suite, Mode, IcvBits, Esn, ReplayWindow, Compat, Keepalive, DpdInterval, DpdMisses, DpdTarget, TunName, Mtu, StateDir,
        TunOffload, UdpOffload, Workers, User,
    ];

    private static readonly HashSet<string> KnownNames = [.. Names];

    /// <summary>The key's first name: <c>auth_sha256</c> is an alias of <c>auth</c>. Null where nobody knows it.</summary>
    public static string? Resolve(string written) =>
        written == AuthSha256 ? Auth : KnownNames.Contains(written) ? written : null;

    /// <summary>The known name that takes the fewest edits to reach, and their number.</summary>
    public static (string Name, int Edits) Nearest(string written)
    {
        string folded = written.ToLowerInvariant().Replace('-', '_');
        return Names.Select(name => (name, EditDistance.Between(folded, name))).MinBy(candidate => candidate.Item2);
    }
}
