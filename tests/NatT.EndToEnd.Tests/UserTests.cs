using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>With <c>user</c> in the conf: a process of that user's moves packets, and its parent keeps root's rights.</summary>
public sealed class UserTests(SharedUserPair shared) : IClassFixture<SharedUserPair>
{
    private const string NoCapability = "0000000000000000";
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(15);

    private TunnelPair Pair => shared.Pair;

    [NamespaceFact]
    public void Packets_are_moved_in_the_users_name_and_no_thread_has_a_capability()
    {
        Pair.AssertPings();
        LivingProcess worker = WorkerOf(Pair.A);
        var parent = new LivingProcess(Pair.A.Process.Id);

        string user = string.Join('\t', Enumerable.Repeat(SharedUserPair.UserId, 4));
        Assert.All(worker.OfThreads("Uid"), thread => Assert.Equal(user, thread.Value));
        Assert.All(worker.OfThreads("Groups"), thread => Assert.Equal("", thread.Value));
        Assert.All(worker.OfThreads("CapPrm"), thread => Assert.Equal(NoCapability, thread.Value));
        Assert.All(worker.OfThreads("CapEff"), thread => Assert.Equal(NoCapability, thread.Value));
        Assert.All(worker.OfThreads("Seccomp"), thread => Assert.Equal("2", thread.Value));
        Assert.Contains(worker.OfThreads("Name"), thread => thread.Value == "inbound path");
        Assert.DoesNotContain(parent.OfThreads("Name"), thread => thread.Value is "inbound path" or "outbound path");
        Assert.All(parent.OfThreads("Uid"), thread => Assert.Equal("0\t0\t0\t0", thread.Value));
        Assert.All(parent.OfThreads("Seccomp"), thread => Assert.Equal("2", thread.Value));
    }

    [NamespaceFact]
    public void Other_processes_of_that_user_cannot_look_into_the_memory()
    {
        string owner = Command.Run("stat", "-c", "%u", $"/proc/{WorkerOf(Pair.A).Id}/mem").OutputOrFail().Trim();

        Assert.Equal("0", owner);
    }

    [NamespaceFact]
    public void Keys_never_reach_the_parent_for_longer_than_it_reads_the_confs()
    {
        byte[][] keys = [.. new[] { "enc_in", "enc_out", "auth_in", "auth_out" }.Select(name => Convert.FromHexString(Pair.A.Conf[name]!["0x".Length..]))];

        Assert.Equal([0, 0, 0, 0], new LivingProcess(Pair.A.Process.Id).CountInMemory(keys));
    }

    [NamespaceFact]
    public void Mtu_follows_the_outer_interface_though_the_user_may_not_set_it()
    {
        int before = Pair.A.Host.MtuOf(TestPeer.Device);

        Pair.A.Host.Ip($"link set {NetworkLab.Outer} mtu 1400");

        Wait.Until("the device has a smaller MTU", EndLimit, () => Pair.A.Host.MtuOf(TestPeer.Device) < before);
        Pair.A.Host.Ip($"link set {NetworkLab.Outer} mtu 1500");
        Wait.Until("the device has the old MTU again", EndLimit, () => Pair.A.Host.MtuOf(TestPeer.Device) == before);
    }

    [NamespaceFact]
    public void Reload_reads_confs_and_changes_routes_though_the_user_may_neither()
    {
        string before = Pair.A.Conf["remote_private_ip"]!;

        Reload($"{before}, 10.99.0.0/24");
        Assert.Contains("10.99.0.0/24 ", Pair.A.Host.Ip("route show"), StringComparison.Ordinal);
        Reload(before);
        Assert.DoesNotContain("10.99.0.0/24 ", Pair.A.Host.Ip("route show"), StringComparison.Ordinal);
        Assert.Contains(Pair.B.Inner.V4, Pair.A.Host.Ip("route show"), StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void Either_process_ends_with_the_other_and_nothing_is_left()
    {
        using var pair = new TunnelPair();
        string socket = pair.A.SocketOf(TestPeer.Device);

        SharedUserPair.Start(pair);
        pair.A.Process.Kill();
        Wait.Until("the worker of a killed parent has ended", EndLimit, () => !pair.A.Host.HasDevice(TestPeer.Device));

        SharedUserPair.Start(pair);
        Command.Run("/bin/kill", "-KILL", $"{WorkerOf(pair.A).Id}").OutputOrFail();
        Assert.Equal(137, pair.A.Process.WaitForExit());
        Assert.Contains("was killed by signal 9", pair.A.Process.Log, StringComparison.Ordinal);
        Assert.False(pair.A.Host.HasDevice(TestPeer.Device));
        Assert.False(File.Exists(socket), socket);

        SharedUserPair.Start(pair);
        pair.A.Ask("stop").OutputOrFail();
        Assert.False(File.Exists(socket), socket);
        Assert.Equal(0, pair.A.Process.WaitForExit());
        Assert.False(pair.A.Host.HasDevice(TestPeer.Device));

        SharedUserPair.Start(pair);
        pair.A.Process.Stop();
        Assert.False(File.Exists(socket), socket);
    }

    [NamespaceFact]
    public void Unknown_user_and_root_are_refused_in_one_line_each()
    {
        using var pair = new TunnelPair();
        foreach ((string user, string said) in new[] { ("nobody-of-that-name", "not in /etc/passwd"), ("root", "has no fewer rights") })
        {
            pair.A.Conf["user"] = user;

            NattTunProcess process = pair.A.Launch();

            Assert.True(process.WaitForExit() == 1, process.Log);
            Assert.Contains(said, Assert.Single(process.Log.Split('\n')), StringComparison.Ordinal);
        }
    }

    private void Reload(string networks)
    {
        Pair.A.Conf["remote_private_ip"] = networks;
        Pair.A.Conf.WriteTo(Pair.A.ConfFile);
        Pair.A.Ask("reload").OutputOrFail();
    }

    private static LivingProcess WorkerOf(TestPeer peer)
    {
        using var status = JsonDocument.Parse(peer.Ask("status", "--json").OutputOrFail());
        return new LivingProcess(status.RootElement.GetProperty("pid").GetInt32());
    }
}
