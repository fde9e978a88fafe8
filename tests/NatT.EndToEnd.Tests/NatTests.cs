using System.Diagnostics;
using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>Sites behind one NAT, all on source port 1100, and a hub that serves them from one conf folder.</summary>
public sealed class NatTests : IDisposable
{
    private const string HubInner = "10.77.0.1";

    private static readonly TimeSpan UpLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    // What dpd_interval bounds, with the hub's probe: quiet peers, and those whose flow a machine busy with 200 of them tore before the
    // NAT did. RoamingTests holds an undisturbed flow to 2 seconds.
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FlowTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("natt-nat-").FullName;

    [NamespaceTheory]
    [InlineData(2)]
    [InlineData(200)]
    public void Peers_behind_one_gateway_are_all_up_and_survive_a_flush_of_its_mappings(int peers)
    {
        using var site = new MasqueradedSite(peers);
        Spoke[] spokes = Configure(site, new PeerConfText());
        using var hub = new NattTunProcess(site.Hub, NattTunProcess.Executable, "--conf", ConfFolder);
        try
        {
            long started = LaunchAll(hub, spokes);
            Measured.Print($"{peers} peers up {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s after the first was started");
            AssertAllTalk(site, spokes);
            Console.WriteLine(Status(site).Split("  DROPPED")[0]);

            AssertFlowsSurviveAFlush(site, spokes, Flows.Spokes, "the spokes send");
            AssertAllTalk(site, spokes);
            Assert.True(hub.IsRunning, hub.Log);
        }
        finally
        {
            DisposeAll(spokes);
        }
    }

    /// <summary>Two of them: where 200 share the cores of one machine, it is the machine that tears flows apart.</summary>
    [NamespaceFact]
    public void Peers_that_only_listen_or_are_quiet_survive_a_flush_too()
    {
        using var site = new MasqueradedSite(2);
        Spoke[] spokes = Configure(site, new PeerConfText());
        using var hub = new NattTunProcess(site.Hub, NattTunProcess.Executable, "--conf", ConfFolder);
        try
        {
            LaunchAll(hub, spokes);

            AssertFlowsSurviveAFlush(site, spokes, Flows.Hub, "only the hub sends");
            AssertQuietPeersSurviveAFlush(site, spokes);
        }
        finally
        {
            DisposeAll(spokes);
        }
    }

    [NamespaceFact]
    public void Keepalives_hold_a_mapping_that_is_forgotten_without_them()
    {
        using var site = new MasqueradedSite(2);
        site.ForgetMappingsAfter(seconds: 3);
        var silent = new PeerConfText { ["keepalive"] = "0", ["dpd_interval"] = "0" };
        Spoke[] spokes = Configure(site, silent, "1", "0");
        using var hub = new NattTunProcess(site.Hub, NattTunProcess.Executable, "--conf", ConfFolder);
        try
        {
            LaunchAll(hub, spokes);

            // The one that keeps it was started first, so that its mapping would have ended before.
            Wait.Until("the gateway forgot the silent spoke", Patience, () => !site.HasMapping(1));

            Assert.True(site.HasMapping(0));
            Assert.True(Ping(site.Hub, spokes[0].Inner, count: 3, seconds: 5), hub.Log);
            Assert.False(Ping(site.Hub, spokes[1].Inner, count: 3, seconds: 2));
        }
        finally
        {
            DisposeAll(spokes);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ParallelOptions AtOnce => new() { MaxDegreeOfParallelism = 16 };

    private string ConfFolder => Path.Combine(_folder, "conf.d");

    private Spoke[] Configure(MasqueradedSite site, PeerConfText hubCommon, params string[] keepalives)
    {
        Directory.CreateDirectory(ConfFolder);
        hubCommon["state_dir"] = Path.Combine(_folder, "hub-state");
        return [.. site.Hosts.Select((host, i) =>
            new Spoke(host, i, HubInner, _folder, ConfFolder, hubCommon, keepalives.ElementAtOrDefault(i)))];
    }

    private static long LaunchAll(NattTunProcess hub, Spoke[] spokes)
    {
        hub.WaitForLine("device natt0 is up");
        long started = Stopwatch.GetTimestamp();

        // A few at a time: 200 starting at once take minutes from each other, and what is measured is not how runtimes start.
        Parallel.ForEach(spokes, new ParallelOptions { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount }, spoke =>
        {
            spoke.Launch();
            spoke.Process.WaitForLine("peer hub is up", UpLimit);
            hub.WaitForLine($"peer {spoke.Name} is up", UpLimit);
        });
        return started;
    }

    private static void AssertAllTalk(MasqueradedSite site, Spoke[] spokes) => Parallel.ForEach(spokes, AtOnce, spoke =>
    {
        Assert.True(Ping(spoke.Host, HubInner, count: 3, seconds: 5), $"{spoke.Name} to the hub");
        Assert.True(Ping(site.Hub, spoke.Inner, count: 3, seconds: 5), $"the hub to {spoke.Name}");
    });

    /// <summary>All at once, as one spoke after the other would measure the waiting.</summary>
    private static Flows StartFlows(MasqueradedSite site, Spoke[] spokes, string sender) =>
        new(sender, Pace, (site.Hub, HubInner), [.. spokes.Select(spoke => (spoke.Host, spoke.Inner))]);

    private static void AssertFlowsSurviveAFlush(MasqueradedSite site, Spoke[] spokes, string sender, string what)
    {
        using Flows flows = StartFlows(site, spokes, sender);
        TimeSpan[] before = [.. flows.LongestGapsAfter(0, FlowTime, UpLimit).Order()];

        long flushed = Stopwatch.GetTimestamp();
        site.FlushMappings();
        TimeSpan[] gaps = [.. flows.LongestGapsAfter(flushed, FlowTime, Patience).Order()];

        (TimeSpan median, TimeSpan longest) = (gaps[gaps.Length / 2], gaps[^1]);
        Measured.Print($"the gateway forgot {gaps.Length} flows, {what}: gaps of {median.TotalSeconds:F1} s in the median, {longest.TotalSeconds:F1} s at most");
        Measured.Print($"before that: {before[before.Length / 2].TotalSeconds:F1} s in the median, {before[^1].TotalSeconds:F1} s at most");
        Assert.True(longest <= RecoveryLimit, $"{longest}");
    }

    private static void AssertQuietPeersSurviveAFlush(MasqueradedSite site, Spoke[] spokes)
    {
        // A flow that has just ended is asked about; what is sought is how long it takes where there was none.
        Wait.Until("nobody has said anything for a second", Patience, () => SilenceOfLoudest(site) > 1);
        long flushed = Stopwatch.GetTimestamp();
        site.FlushMappings();
        using Flows flows = StartFlows(site, spokes, Flows.Hub);
        TimeSpan longest = flows.FirstArrivalsAfter(flushed, Patience).Max();
        Measured.Print($"the gateway forgot {spokes.Length} quiet peers: all hear the hub again after {longest.TotalSeconds:F1} s");
        Assert.True(longest <= RecoveryLimit, $"{longest}");
    }

    private static string Status(MasqueradedSite site, params string[] options) =>
        site.Hub.Run([NattTunProcess.Executable, "status", .. options]).OutputOrFail();

    private static double SilenceOfLoudest(MasqueradedSite site)
    {
        using JsonDocument status = JsonDocument.Parse(Status(site, "--json"));
        return status.RootElement.GetProperty("peers").EnumerateArray().Min(peer => peer.GetProperty("last_heard_seconds").GetDouble());
    }

    private static bool Ping(NetworkNamespace from, string to, int count, int seconds) =>
        from.Run("ping", "-n", "-q", "-i", "0.2", "-c", $"{count}", "-w", $"{seconds}", to).Succeeded;

    private static void DisposeAll(Spoke[] spokes)
    {
        foreach (Spoke spoke in spokes)
        {
            spoke.Dispose();
        }
    }
}
