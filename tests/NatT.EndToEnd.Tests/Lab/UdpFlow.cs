using System.Globalization;
using System.Text.RegularExpressions;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>A UDP flow from A to B of a pair that carries nothing else, and where each of its packets went.</summary>
internal sealed partial record UdpFlow
{
    /// <summary>1400 octets with their headers.</summary>
    private const int PayloadSize = 1372;

    private const string Python = "/usr/bin/python3";
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Lab", "udp_flow.py");

    public required long Sent { get; init; }

    public required double Seconds { get; init; }

    public required long Received { get; init; }

    /// <summary>What the receiving program was too slow for: behind the tunnel, and no loss of its.</summary>
    public required long LostByReceiver { get; init; }

    public required TunnelCounters A { get; init; }

    public required TunnelCounters B { get; init; }

    /// <summary>What the link between the hosts dropped, in the words of the kernels at its ends, to whom merged datagrams are one.</summary>
    public required long LostOnLink { get; init; }

    /// <summary>The same as what our counters say of the queues, in the words of the kernels.</summary>
    public required (long Device, long Socket) LostInQueues { get; init; }

    public double MbitPerSecond => Sent * (PayloadSize + 28) * 8 / Seconds / 1e6;

    /// <summary>A pair without probes, neighbour discovery or anything else that would be counted with the flow.</summary>
    public static TunnelPair StartQuietPair() => StartQuiet(new TunnelPair());

    /// <summary>The same of a pair that is to be started as the last words of <paramref name="through"/>.</summary>
    public static TunnelPair StartQuiet(TunnelPair pair, params string[] through)
    {
        foreach (TestPeer peer in new[] { pair.A, pair.B })
        {
            peer.Host.Run("sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1").OutputOrFail();
            peer.Conf["local_private_ip"] = peer.Inner.V4;
        }

        pair.A.Conf["remote_private_ip"] = pair.B.Inner.V4;
        pair.B.Conf["remote_private_ip"] = pair.A.Inner.V4;
        pair.With("espmode", "espinudp").With("dpd_interval", "0").Start(through);
        Wait.Until("no probe is under way any more", TimeSpan.FromSeconds(10), () =>
        {
            (TunnelCounters a, TunnelCounters b) = (TunnelCounters.Of(pair.A), TunnelCounters.Of(pair.B));
            Thread.Sleep(TimeSpan.FromSeconds(1.5));
            return (a.PacketsIn, b.PacketsIn) == (TunnelCounters.Of(pair.A).PacketsIn, TunnelCounters.Of(pair.B).PacketsIn);
        });
        return pair;
    }

    /// <summary>Runs the flow until its last packet has arrived or died, and then sends a ping: only behind it shows that one is missing.</summary>
    /// <param name="pair">A quiet one.</param>
    /// <param name="seconds">How long it is sent.</param>
    /// <param name="mbitPerSecond">Of payload; null: as fast as A can.</param>
    public static UdpFlow Run(TunnelPair pair, int seconds, int? mbitPerSecond)
    {
        (TunnelCounters a, TunnelCounters b) = (TunnelCounters.Of(pair.A), TunnelCounters.Of(pair.B));
        long lostOnLink = LinkDrops(pair);
        (long Device, long Socket) lostInQueues = QueueDrops(pair);
        using var receiver = new BackgroundProcess("udp_flow.py receive", pair.B.Host.Inside(Python, Script, "receive", pair.B.Inner.V4));
        receiver.WaitForLine("ready", Margin);

        string[] send = [Python, Script, "send", pair.B.Inner.V4, Text(seconds), Text(PayloadSize)];
        CommandResult sender = pair.A.Host.Run(
            TimeSpan.FromSeconds(seconds) + Margin, mbitPerSecond is int rate ? [.. send, Text(rate)] : send);
        Match sent = SentLine().Match(sender.OutputOrFail());
        Assert.True(receiver.WaitForExit(Margin) == 0, receiver.Log);
        Match received = ReceivedLine().Match(receiver.Log);
        pair.A.Ping(pair.B.Inner.V4, "-c", "1").OutputOrFail();
        return new UdpFlow
        {
            Sent = Number(sent, "packets"),
            Seconds = double.Parse(sent.Groups["seconds"].Value, CultureInfo.InvariantCulture),
            Received = Number(received, "packets"),
            LostByReceiver = Number(received, "dropped"),
            A = TunnelCounters.Of(pair.A).Since(a),
            B = TunnelCounters.Of(pair.B).Since(b),
            LostOnLink = LinkDrops(pair) - lostOnLink,
            LostInQueues = (QueueDrops(pair).Device - lostInQueues.Device, QueueDrops(pair).Socket - lostInQueues.Socket),
        };
    }

    public override string ToString() => FormattableString.Invariant(
        $"{MbitPerSecond:F0} Mbit/s for {Seconds:F0} s: sent {Sent} = received {Received} + {B.Missing} missing")
        + FormattableString.Invariant($"{Terms(A.DropsOut)}{Terms(B.DropsIn)} + {LostByReceiver} behind the tunnel; {LostOnLink} on the link");

    private static string Terms(SortedDictionary<string, long> drops) =>
        string.Concat(drops.Select(drop => $" + {drop.Value} {drop.Key}"));

    private static long LinkDrops(TunnelPair pair) =>
        pair.A.Host.Statistic(NetworkLab.Outer, "tx_dropped") + pair.A.Host.Statistic(NetworkLab.Outer, "tx_errors")
        + pair.B.Host.Statistic(NetworkLab.Outer, "rx_dropped") + pair.B.Host.Statistic(NetworkLab.Outer, "rx_errors");

    private static (long Device, long Socket) QueueDrops(TunnelPair pair) =>
        (pair.A.Host.Statistic(TestPeer.Device, "tx_dropped"), pair.B.Host.Counter("Udp", "InErrors"));

    private static long Number(Match match, string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^sent (?<packets>\d+) in (?<seconds>[\d.]+) s", RegexOptions.Multiline)]
    private static partial Regex SentLine();

    [GeneratedRegex(@"^received (?<packets>\d+) dropped (?<dropped>\d+)", RegexOptions.Multiline)]
    private static partial Regex ReceivedLine();
}
