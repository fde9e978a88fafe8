using System.Diagnostics;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>
/// A recorded session comes again, from the address it first came from. Its packets carry UDP to a port that nothing else uses, so
/// whatever of it is delivered can be told from everything else.
/// </summary>
public sealed class ReplayTests
{
    private const int Port = 7777;
    private const int Packets = 40;
    private static readonly string OfTheSession = $"udp dst port {Port}";

    [NamespaceFact]
    public void While_both_run() => NothingIsDelivered(_ => { });

    [NamespaceFact]
    public void After_the_receiver_was_stopped_and_started() => NothingIsDelivered(pair =>
    {
        pair.B.Process.Stop();
        pair.B.Start();
    });

    [NamespaceFact]
    public void After_the_receiver_was_killed() => NothingIsDelivered(pair =>
    {
        pair.B.Process.Kill();
        pair.B.Start();
    });

    [NamespaceFact]
    public void After_the_receiver_lost_its_record() => NothingIsDelivered(pair =>
    {
        pair.B.Process.Kill();
        pair.B.LoseRecord();
        pair.B.Start();
    });

    [NamespaceFact]
    public void After_the_receiver_lost_its_record_and_while_the_sender_is_silent() => NothingIsDelivered(
        pair =>
        {
            pair.A.Process.Stop();
            pair.B.Process.Kill();
            pair.B.LoseRecord();
            // Without an answer to its probes B stays unsynchronised until it gives the sender up: not during this test.
            pair.B.Conf["dpd_misses"] = "30";
            pair.B.Start();
        },
        pair => pair.A.Start());

    [NamespaceFact]
    public void After_the_sender_was_killed() => NothingIsDelivered(pair =>
    {
        pair.A.Process.Kill();
        pair.A.Start();
    });

    [NamespaceFact]
    public void After_the_sender_lost_its_record() => NothingIsDelivered(pair =>
    {
        pair.A.Process.Kill();
        pair.A.LoseRecord();
        pair.A.Start();
        PassTheNumbersOfTheSession(pair, pair.A.DeviceUpAt);
    });

    [NamespaceFact]
    public void After_both_lost_their_records() => NothingIsDelivered(pair =>
    {
        pair.A.Process.Kill();
        pair.B.Process.Kill();
        pair.A.LoseRecord();
        pair.B.LoseRecord();
        pair.A.Start();
        pair.B.Start();
        PassTheNumbersOfTheSession(pair, pair.B.DeviceUpAt);
    });

    [NamespaceFact]
    public void After_both_were_killed() => NothingIsDelivered(pair =>
    {
        pair.A.Process.Kill();
        pair.B.Process.Kill();
        pair.A.Start();
        pair.B.Start();
    });

    private static void NothingIsDelivered(Action<TunnelPair> restart, Action<TunnelPair>? afterwards = null)
    {
        using TunnelPair pair = new TunnelPair().Start();
        using Capture session = RecordSession(pair);
        restart(pair);

        using var inner = new Capture(pair.B.Host, TestPeer.Device, OfTheSession);
        Replay(pair, session);
        inner.Stop().AssertNone("");

        afterwards?.Invoke(pair);
        pair.A.FirstAnswerAfter(Stopwatch.GetTimestamp(), pair.B, TimeSpan.FromSeconds(5));
        pair.AssertPings();
    }

    /// <summary>
    /// A begins again at 1, and B follows it on a fresh answer. Until A comes past the numbers of the session, nothing in its packets
    /// tells them from new ones: no receiver with static keys can.
    /// </summary>
    private static void PassTheNumbersOfTheSession(TunnelPair pair, long startedAt)
    {
        pair.A.FirstAnswerAfter(startedAt, pair.B, TimeSpan.FromSeconds(3));
        pair.A.Ping(pair.B.Inner.V4, "-q", "-f", "-c", "500").OutputOrFail();
    }

    /// <summary>What A sent to B on the outer link, of which at least <see cref="Packets"/> reached B's device.</summary>
    private static Capture RecordSession(TunnelPair pair)
    {
        var outer = new Capture(pair.B.Host, NetworkLab.Outer, "src host 192.0.2.1 and udp dst port 1100");
        using var inner = new Capture(pair.B.Host, TestPeer.Device, OfTheSession);
        SendSession(pair);
        Assert.Equal(Packets, inner.Stop().Count());
        return outer.Stop();
    }

    private static void SendSession(TunnelPair pair) => pair.A.Host.Run(
        "bash", "-c", $"for i in {{1..{Packets}}}; do echo packet $i of the session >/dev/udp/{pair.B.Inner.V4}/{Port}; done").OutputOrFail();

    private static void Replay(TunnelPair pair, Capture session)
    {
        long before = pair.B.Host.Counter("Udp", "InDatagrams");
        string script = Path.Combine(AppContext.BaseDirectory, "Lab", "replay.py");
        pair.A.Host.Run("/usr/bin/python3", script, session.PcapFile, NetworkLab.Outer).OutputOrFail();
        // Else the test would prove nothing: B's socket has to have got them.
        Wait.Until(
            "B received the replay",
            TimeSpan.FromSeconds(2),
            () => pair.B.Host.Counter("Udp", "InDatagrams") - before >= Packets);
    }
}
