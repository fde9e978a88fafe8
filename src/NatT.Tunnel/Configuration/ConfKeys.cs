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

    private const int MaxComparedLength = 64;

    private static readonly string[] Names =
    [
        OriLocalPublicIp, OriLocalPort, NatLocalPublicIp, NatLocalPort, NatLocalPublicIpOnlineGet, RemotePublicIp, RemotePort,
        LocalPrivateIp, RemotePrivateIp, LocalDefaultIf, RemoteDefaultIf, RemoteSshUser, RemoteSshPort, EspMode,
        Spi, SpiIn, SpiOut, Enc, EncIn, EncOut, AuthSha256, Auth, AuthIn, AuthOut,
        Suite, Mode, IcvBits, Esn, ReplayWindow, Compat, Keepalive, DpdInterval, DpdMisses, DpdTarget, TunName, Mtu, StateDir,
    ];

    private static readonly HashSet<string> KnownNames = [.. Names];

    /// <summary>The key's first name: <c>auth_sha256</c> is an alias of <c>auth</c>. Null where nobody knows it.</summary>
    public static string? Resolve(string written) =>
        written == AuthSha256 ? Auth : KnownNames.Contains(written) ? written : null;

    /// <summary>The known name that takes the fewest edits to reach, and their number.</summary>
    public static (string Name, int Edits) Nearest(string written)
    {
        string folded = written[..Math.Min(written.Length, MaxComparedLength)].ToLowerInvariant().Replace('-', '_');
        return Names.Select(name => (name, EditDistance(folded, name))).MinBy(candidate => candidate.Item2);
    }

    // Levenshtein's distance, two neighbours swapped counting as one edit: the commonest slip of the hand.
    private static int EditDistance(string a, string b)
    {
        int[,] distance = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            distance[i, 0] = i;
        }

        for (int j = 0; j <= b.Length; j++)
        {
            distance[0, j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = distance[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                int best = Math.Min(replaced, Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    best = Math.Min(best, distance[i - 2, j - 2] + 1);
                }

                distance[i, j] = best;
            }
        }

        return distance[a.Length, b.Length];
    }
}
