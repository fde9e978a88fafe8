using System.Text;
using NatT.Fuzz.Engine;
using NatT.Tunnel.Configuration;

namespace NatT.Fuzz.Targets;

/// <summary>
/// A conf file's octets: either a conf that can be run, the same however often it is read and in whatever order its lines
/// stand, or problems that each name a line and never a key.
/// </summary>
public sealed class Configuration : IFuzzTarget
{
    private const string File = "paris.conf";

    /// <summary>So much of a key must not be repeated.</summary>
    private const int TellingLength = 12;

    private static readonly string[] KeyNames =
    [
        "enc_aes", "enc_in", "enc_out", "auth", "auth_sha256", "auth_in", "auth_out",
        "next_enc_in", "next_enc_out", "next_auth_in", "next_auth_out",
    ];

    private static readonly string[] OtherNames =
    [
        "ori_local_public_ip", "ori_local_port", "nat_local_public_ip", "nat_local_port", "nat_local_public_ip_online_get",
        "remote_public_ip", "remote_port", "local_private_ip", "remote_private_ip", "local_default_if", "remote_default_if",
        "remote_ssh_user", "remote_ssh_port", "espmode", "spi_id", "spi_in", "spi_out", "suite", "mode", "icv_bits", "esn",
        "replay_window", "compat", "keepalive", "dpd_interval", "dpd_misses", "dpd_target", "tun_name", "mtu", "state_dir",
        "tun_offload", "udp_offload", "workers", "next_spi_in", "next_spi_out", "retire_after",
    ];

    private static readonly string[] Values =
    [
        "yes", "no", "0", "1", "65535", "65536", "4294967296", "-1", "0x100", "0xff", "auto", "espinudp-nonike", "static-ipsec-nat-t",
        "tunnel", "transport", "aes-gcm-16", "chacha20-poly1305", "aes-cbc-hmac-sha1", "aes-cbc-hmac-sha512", "10.1.0.1/24, 10.3.0.0/16",
        "fd00::1/64", "::", "0.0.0.0/0", "vpn.example.org", "0x00112233445566778899aabbccddeeff0011223344556677", "'a b'", "\"$x\"",
        "\\", "#", "é", "\u202E", "natt0", "/tmp/x",
    ];

    public string Name => "configuration";

    public int LongestInput => 16 * 1024;

    public IEnumerable<byte[]> Seeds
    {
        get
        {
            const string Minimal = "local_private_ip = 10.1.0.1\nremote_private_ip = 10.2.0.1\n";
            const string Keys = "spi_in = 0x1001\nspi_out = 0x1002\nenc_in = 0x{0}\nenc_out = 0x{1}\n";
            string first = string.Concat(Enumerable.Repeat("1b", 36));
            string second = string.Concat(Enumerable.Repeat("2c", 36));
            yield return Encoding.UTF8.GetBytes(Minimal + string.Format(null, Keys, first, second) + "suite = aes-gcm-16\nesn = yes\n");
            yield return Encoding.UTF8.GetBytes(Minimal + string.Format(null, Keys, first, second) + "suite=chacha20-poly1305 # so\nmtu = 1400\n");
            yield return Encoding.UTF8.GetBytes(
                Minimal + "spi_id = 4096\nenc_aes='0123456789abcdef'\nauth = \"secret text\"\nworkers = 2\r\n");
            yield return Encoding.UTF8.GetBytes(
                Minimal + string.Format(null, Keys, first, second) + "suite = aes-gcm-16\nnext_spi_in = 0x2001\nnext_spi_out = 0x2002\n"
                + $"next_enc_in = 0x3d{first[2..]}\nnext_enc_out = 0x4e{second[2..]}\nretire_after = 60\nmode = transport\n");
            yield return Encoding.UTF8.GetBytes("remote_public_ip = x\n" + string.Concat(OtherNames.Select(name => $"{name} = \n")));
        }
    }

    public IReadOnlyList<byte[]> Words { get; } =
    [
        .. KeyNames.Concat(OtherNames).Select(name => Encoding.UTF8.GetBytes($"\n{name} = ")),
        .. Values.Concat(["\n", " = ", "\r\n", "'", "\"", ", ", "\uFEFF", "\0", "\e["]).Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>A name that nobody knows is compared with all known ones, and a file may have a hundred before it is given up.</summary>
    public long MostAllocated(int inputLength) => (300 << 20) + (256L * inputLength);

    public void Run(ReadOnlySpan<byte> input, Features features)
    {
        ArgumentNullException.ThrowIfNull(features);
        ConfResult result = ConfReader.Parse(File, input.ToArray());
        if (result.IsValid)
        {
            using PeerConf conf = result.Conf;
            features.Add("accepted", conf.Notices.Length, conf.IcvBits);
            features.AddMessage("suite", conf.Suite.Name);
            foreach (ConfNotice notice in conf.Notices)
            {
                features.AddMessage("notice", notice.Text[(File.Length + 1)..]);
            }

            ConfFacts.Check(conf);
            CheckSame(conf, input.ToArray());
            CheckSame(conf, Reordered(input));
            return;
        }

        CheckProblems(input, result, features);
    }

    private static void CheckProblems(ReadOnlySpan<byte> input, ConfResult result, Features features)
    {
        Require.Holds(!result.Problems.IsEmpty);
        int lines = 1 + input.Count((byte)'\n');
        List<string> secrets = SecretsOf(input);
        foreach (ConfProblem problem in result.Problems)
        {
            string line = problem.ToString();
            ConfFacts.CheckLine(line);
            Require.Holds(problem.Line >= 0 && problem.Line <= lines);
            Require.Holds(problem.Line > 0 || problem.Key is null, "a problem of the file as a whole has no key");
            Require.Holds(!secrets.Exists(secret => line.Contains(secret, StringComparison.Ordinal)), "no problem repeats a key");
            features.AddMessage(problem.Key is string key && (KeyNames.Contains(key) || OtherNames.Contains(key)) ? key : "", problem.Text);
        }
    }

    /// <summary>Runs of digits of keys that stand nowhere else.</summary>
    private static List<string> SecretsOf(ReadOnlySpan<byte> input)
    {
        ILookup<bool, string> lines = Encoding.UTF8.GetString(input).Split('\n').ToLookup(IsOfKey);
        string others = string.Join('\n', lines[false]);
        var secrets = new List<string>();
        foreach (string value in lines[true].Select(line => line.Split('=', 2)[1].Trim()))
        {
            for (int at = 0; at + TellingLength <= value.Length; at += TellingLength)
            {
                secrets.Add(value.Substring(at, TellingLength));
            }
        }

        // What is no hexadecimal may be a word of the problem's own.
        secrets.RemoveAll(secret => !secret.All(char.IsAsciiHexDigit) || others.Contains(secret, StringComparison.Ordinal));
        return secrets;
    }

    private static bool IsOfKey(string line) => line.Split('=', 2) is [string name, _] && KeyNames.Contains(name.Trim());

    private static void CheckSame(PeerConf conf, byte[] octets)
    {
        ConfResult again = ConfReader.Parse(File, octets);
        Require.Holds(again.IsValid, "what was accepted is accepted again");
        using PeerConf same = again.Conf!;
        Require.AreEqual(ConfFacts.Describe(conf), ConfFacts.Describe(same), "the conf");
    }

    /// <summary>The lines the other way round, with a comment in front and DOS line ends.</summary>
    private static byte[] Reordered(ReadOnlySpan<byte> input)
    {
        if (input.StartsWith("\uFEFF"u8))
        {
            input = input[3..];
        }

        var octets = new List<byte>("# the other way round\r\n"u8.ToArray());
        while (!input.IsEmpty)
        {
            int newline = input.LastIndexOf((byte)'\n');
            octets.AddRange(input[(newline + 1)..].TrimEnd((byte)'\r'));
            octets.AddRange("\r\n"u8);
            input = newline < 0 ? [] : input[..newline];
        }

        return [.. octets];
    }
}
