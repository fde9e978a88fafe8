using System.Diagnostics;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>Sites behind one NAT, all on source port 1100, and a hub that serves them from one conf folder.</summary>
public sealed class NatTests : IDisposable
{
    private const string HubInner = "10.77.0.1";

    private static readonly TimeSpan UpLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("natt-nat-").FullName;

    [NamespaceTheory]
    [InlineData(2)]
    [InlineData(200)]
    public void Peers_behind_one_gateway_are_all_up_and_survive_a_flush_of_its_mappings(int peers)
    {
        using var site = new MasqueradedSite(peers);
        string confs = Directory.CreateDirectory(Path.Combine(_folder, "conf.d")).FullName;
        var common = new PeerConfText { ["state_dir"] = Path.Combine(_folder, "hub-state") };
        Spoke[] spokes =
            [.. site.Hosts.Select((host, i) => new Spoke(host, i, HubInner, _folder, confs, common))];
        using var hub = new NattTunProcess(site.Hub, NattTunProcess.Executable, "--conf", confs);
        try
        {
            hub.WaitForLine("device natt0 is up");
            long started = Stopwatch.GetTimestamp();
            foreach (Spoke spoke in spokes)
            {
                spoke.Launch();
            }

            foreach (Spoke spoke in spokes)
            {
                spoke.Process.WaitForLine("peer hub is up", UpLimit);
                hub.WaitForLine($"peer {spoke.Name} is up", UpLimit);
            }

            Measured.Print($"{peers} peers up {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s after the first was started");
            AssertAllTalk(site, spokes);

            long flushed = Stopwatch.GetTimestamp();
            site.FlushMappings();
            Parallel.ForEach(spokes, AtOnce, spoke => Wait.Until(
                $"{spoke.Name} hears the hub again", RecoveryLimit, () => Ping(spoke.Host, HubInner, count: 1, seconds: 1)));
            Measured.Print($"all talk again {Stopwatch.GetElapsedTime(flushed).TotalSeconds:F1} s after the gateway forgot them");
            AssertAllTalk(site, spokes);
            Assert.True(hub.IsRunning, hub.Log);
        }
        finally
        {
            foreach (Spoke spoke in spokes)
            {
                spoke.Dispose();
            }
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ParallelOptions AtOnce => new() { MaxDegreeOfParallelism = 16 };

    private static void AssertAllTalk(MasqueradedSite site, Spoke[] spokes) => Parallel.ForEach(spokes, AtOnce, spoke =>
    {
        Assert.True(Ping(spoke.Host, HubInner, count: 3, seconds: 5), $"{spoke.Name} to the hub");
        Assert.True(Ping(site.Hub, spoke.Inner, count: 3, seconds: 5), $"the hub to {spoke.Name}");
    });

    private static bool Ping(NetworkNamespace from, string to, int count, int seconds) =>
        from.Run("ping", "-n", "-q", "-i", "0.2", "-c", $"{count}", "-w", $"{seconds}", to).Succeeded;
}
