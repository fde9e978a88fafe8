using System.Globalization;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.Interop.Tests.Tshark;

/// <summary>tshark with the keys of a tunnel: an implementation of ESP that shares no line with ours.</summary>
/// <remarks>
/// Extended sequence numbers are beyond the tshark of Debian 12: their high half is authenticated but not on the wire, and its table of SAs has
/// no column for it, so it would call every ICV bad. The scapy peer is the witness for those.
/// </remarks>
internal static class TsharkReader
{
    private const string Verified = "1";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly string[] Fields =
    [
        "frame.number", "frame.protocols", "esp.spi", "esp.sequence", "esp.iv", "esp.icv_good", "esp.icv_bad", "esp.pad", "esp.pad_len",
        "esp.protocol", "ip.dsfield", "ipv6.tclass", "ip.flags.df", "ip.flags.mf", "ip.frag_offset", "ip.checksum.status",
        "udp.checksum.status", "udp.checksum", "data.data", "ip.src", "tcp.len",
    ];

    /// <summary>Decrypts and authenticates what was captured on UDP port 1100.</summary>
    public static IReadOnlyList<TunnelFrame> Read(string pcapFile, params EspKeys[] keys)
    {
        // A profile of its own: neither the user's keys nor the user's preferences may have a say.
        DirectoryInfo profile = Directory.CreateTempSubdirectory("natt-tshark-");
        string tshark = keys.Any(key => key.NeedsNewerTshark) ? NewerTshark.Executable : "tshark";
        try
        {
            File.WriteAllLines(Path.Combine(profile.FullName, "esp_sa"), keys.Select(key => key.ToString()));
            string[] command =
            [
                "env", $"WIRESHARK_CONFIG_DIR={profile.FullName}", tshark, "-n", "-r", pcapFile, "-d", "udp.port==1100,udpencap",
                "-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE",
                "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
                "-T", "fields", .. Fields.SelectMany(field => new[] { "-e", field }),
            ];
            string output = Command.Run(Limit, command).OutputOrFail();
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ReadFrame)];
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }

    /// <summary>Each field holds its occurrences from the outermost header to the innermost, with commas between them.</summary>
    private static TunnelFrame ReadFrame(string line)
    {
        string[] columns = line.Split('\t');
        Assert.True(columns.Length == Fields.Length, $"tshark: {line}");
        return new TunnelFrame
        {
            Number = Number("frame.number"),
            Protocols = First("frame.protocols"),
            Sender = First("ip.src"),
            Spi = (uint)Number("esp.spi"),
            SequenceNumber = (uint)Number("esp.sequence"),
            Iv = First("esp.iv"),
            IsAuthentic = Holds("esp.icv_good") && !Holds("esp.icv_bad"),
            Padding = First("esp.pad"),
            PadLength = Number("esp.pad_len"),
            NextHeader = Number("esp.protocol"),
            TrafficClasses = [.. All("ip.dsfield").Concat(All("ipv6.tclass")).Select(Normalise)],
            HasDontFragment = Holds("ip.flags.df"),
            IsFragment = Holds("ip.flags.mf") || Number("ip.frag_offset") != 0,
            HasValidChecksums = First("ip.checksum.status") == Verified && First("udp.checksum.status") == Verified,
            HasUdpChecksum = Number("udp.checksum") != 0,
            Payload = First("data.data"),
            TcpLength = Math.Max(0, Number("tcp.len")),
        };

        string[] All(string field) => columns[Array.IndexOf(Fields, field)].Split(',', StringSplitOptions.RemoveEmptyEntries);
        string First(string field) => All(field).FirstOrDefault("");
        bool Holds(string field) => First(field) is "1" or "True";
        int Number(string field) => First(field) is { Length: > 0 } text ? unchecked((int)NumberOf(text)) : -1;
    }

    private static string Normalise(string number) => NumberOf(number).ToString("x2", CultureInfo.InvariantCulture);

    /// <summary>tshark writes decimals, and hexadecimals with 0x before them.</summary>
    private static long NumberOf(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : long.Parse(text, CultureInfo.InvariantCulture);
}
