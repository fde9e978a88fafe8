using System.Globalization;
using System.Text;
using NatT.Esp;
using NatT.Tunnel.Control;

namespace NatT.Cli;

/// <summary>Lays a status report out for people: a line about the process, a table of peers, and why packets were dropped.</summary>
internal static class StatusTable
{
    private const string NoPeer = "-";

    /// <summary>The README has the same sentence.</summary>
    private const string Missing = "Numbers the peer used that never came: lost on the path, or in SocketQueueFull.";

    private static readonly string[] PeerHeadings =
        ["PEER", "STATE", "ENDPOINT", "FRAMING", "SUITE", "LAST HEARD", "RTT", "IN", "", "OUT", ""];

    private static readonly string[] KeyHeadings = ["KEYS", "PEER", "SPI IN", "SPI OUT", ""];

    private static readonly string[] DropHeadings = ["DROPPED", "", "PEER", "REASON", ""];

    public static string Format(StatusReport report)
    {
        var text = new StringBuilder();
        string uptime = Quantity.Span(report.UptimeSeconds);
        text.AppendLine(
            CultureInfo.InvariantCulture, $"{report.Device}: pid {report.Pid}, listening on UDP {report.Listening}, up for {uptime}");
        text.AppendLine();
        AppendTable(text, [PeerHeadings, .. report.Peers.Select(PeerRow)]);
        string[][] keys = [.. KeyRows(report)];
        if (keys.Length > 0)
        {
            text.AppendLine();
            AppendTable(text, [KeyHeadings, .. keys]);
        }

        string[][] drops = [.. DropRows(report)];
        if (drops.Length > 0)
        {
            text.AppendLine();
            AppendTable(text, [DropHeadings, .. drops]);
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string[] PeerRow(PeerStatus peer) =>
    [
        peer.Name,
        peer.State.Replace('_', ' '),
        peer.Endpoint ?? "not known yet",
        peer.Framing,
        peer.Suite,
        peer.LastHeardSeconds is double seconds ? $"{Quantity.Span(seconds)} ago" : "never",
        peer.RttMs is double rtt ? Quantity.Milliseconds(rtt) : "-",
        Quantity.BitRate(peer.In.BitsPerSecond),
        Quantity.Octets(peer.In.Octets),
        Quantity.BitRate(peer.Out.BitsPerSecond),
        Quantity.Octets(peer.Out.Octets),
    ];

    /// <summary>Of peers whose keys change.</summary>
    private static IEnumerable<string[]> KeyRows(StatusReport report) => report.Peers
        .Where(peer => peer.Keys.Length > 1)
        .SelectMany(peer => peer.Keys, (peer, keys) => new[] { keys.Use, peer.Name, keys.SpiIn, keys.SpiOut, Explain(keys) });

    private static string Explain(KeyStatus keys) => keys.Use switch
    {
        KeyStatus.Next => "probed until the peer is heard under them",
        KeyStatus.Retiring => "kept for what still comes under them",
        _ => "all that is sent goes by them",
    };

    private static IEnumerable<string[]> DropRows(StatusReport report)
    {
        IEnumerable<string[]> rows = DropRows(NoPeer, "in", report.DropsIn).Concat(DropRows(NoPeer, "out", report.DropsOut));
        foreach (PeerStatus peer in report.Peers)
        {
            rows = rows.Concat(MissingRows(peer)).Concat(DropRows(peer.Name, "in", peer.In.Drops)).Concat(DropRows(peer.Name, "out", peer.Out.Drops));
        }

        return rows;
    }

    private static IEnumerable<string[]> MissingRows(PeerStatus peer) => peer.In.Missing is long missing and > 0
        ? [[missing.ToString(CultureInfo.InvariantCulture), "in", peer.Name, "missing", Missing]]
        : [];

    private static IEnumerable<string[]> DropRows(string peer, string direction, IEnumerable<KeyValuePair<string, long>> drops) =>
        drops.Select(drop => new[]
        {
            drop.Value.ToString(CultureInfo.InvariantCulture), direction, peer, drop.Key, Explain(drop.Key),
        });

    /// <summary>A natt-tun of another version may know more reasons.</summary>
    private static string Explain(string name) => Enum.TryParse(name, out DropReason reason) ? DropReasons.Describe(reason) : "";

    private static void AppendTable(StringBuilder text, string[][] rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
