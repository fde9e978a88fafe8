using System.Text;
using NatT.Fuzz.Engine;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Interchange;
using NatT.Tunnel.Tests.Interchange;

namespace NatT.Fuzz.Targets;

/// <summary>What <c>ip xfrm</c> might have printed: confs that read as what they were made of, or problems that each name a line.</summary>
public sealed class XfrmImports : IFuzzTarget
{
    private static readonly string[] Phrases =
    [
        "src 203.0.113.5 dst 198.51.100.7", "proto esp", "spi 0xc0666a70", "reqid 1", "mode tunnel", "mode transport", "replay-window 32",
        "flag esn", "flag af-unspec", "auth-trunc hmac(sha256) 0x11223344 96", "auth-trunc hmac(sha1) 0x0011223344556677 96",
        "enc cbc(aes) 0x000102030405060708090a0b0c0d0e0f", "aead rfc4106(gcm(aes)) 0x00112233445566778899aabbccddeeff00112233 128",
        "encap type espinudp sport 4500 dport 4500 addr 0.0.0.0", "encap type espinudp-nonike", "anti-replay context: seq 0x0, oseq 0x0",
        "anti-replay esn context:", "seq-hi 0x0, seq 0x1, oseq-hi 0x0, oseq 0xffffffff", "replay_window 128, bitmap-length 4",
        "sel src 0.0.0.0/0 dst 0.0.0.0/0", "dir out priority 0 ptype main", "dir in", "dir fwd", "tmpl src 10.0.0.1 dst ::", "socket in priority 0",
        "0x", "()", "(0x1)", "0xffffffffffffffff", "fd00::/8", "10.1.0.0/33",
    ];

    public string Name => "xfrm-import";

    public int LongestInput => 24 * 1024;

    public IEnumerable<byte[]> Seeds => [Encoding.UTF8.GetBytes(XfrmText.Small)];

    public IReadOnlyList<byte[]> Words { get; } =
    [
        .. Phrases.Select(phrase => Encoding.UTF8.GetBytes($"{phrase} ")), .. Phrases.Select(phrase => Encoding.UTF8.GetBytes($"\n\t{phrase}")),
        "\n"u8.ToArray(), "\n\t"u8.ToArray(), " "u8.ToArray(), [0], [0x1B, 0x5B], [0xFF],
    ];

    public long MostAllocated(int inputLength) => (64 << 20) + (1024L * inputLength);

    public void Run(ReadOnlySpan<byte> input, Features features)
    {
        ArgumentNullException.ThrowIfNull(features);
        using XfrmImport import = XfrmImport.Read("stdin", input.ToArray());
        int lines = 1 + input.Count((byte)'\n');
        Require.Holds(import.Confs.IsEmpty != import.Problems.IsEmpty, "confs or problems");
        features.Add("confs", Features.ClassOf(import.Confs.Length));
        foreach (ConfProblem problem in import.Problems)
        {
            ConfFacts.CheckLine(problem.ToString());
            Require.Holds(problem.Line >= 1 && problem.Line <= lines);
            features.AddMessage("problem", problem.Text);
        }

        foreach (string notice in import.Notices)
        {
            ConfFacts.CheckLine(notice);
            features.AddMessage("notice", notice);
        }

        Require.Holds(import.Confs.Select(conf => conf.Conf.Name).Distinct().Count() == import.Confs.Length, "each conf has a name of its own");
        foreach (ImportedConf conf in import.Confs)
        {
            ConfFacts.Check(conf.Conf);
            ConfResult again = ConfReader.Parse(conf.Conf.File, conf.Octets.ToArray());
            Require.Holds(again.IsValid, "the conf's octets are a conf");
            using PeerConf same = again.Conf!;
            Require.AreEqual(ConfFacts.Describe(conf.Conf), ConfFacts.Describe(same), "the conf");
            features.AddMessage("imported", $"{same.Suite.Name} {same.Framing}");
            features.Add("numbers", Features.ClassOf((long)conf.Numbers.LastSent), Features.ClassOf((long)conf.Numbers.LastReceived));
        }
    }
}
