using System.Globalization;
using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>Confs that change while a flow runs, of which no packet may be lost.</summary>
public sealed class ReloadTests
{
    private const int Mbit = 50;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [NamespaceFact]
    public void Keys_change_under_load_without_a_packet_lost_whichever_end_is_reloaded_first()
    {
        using TunnelPair pair = UdpFlow.StartQuiet(new TunnelPair().With("retire_after", "2"));
        foreach ((TestPeer first, TestPeer second) in new[] { (pair.A, pair.B), (pair.B, pair.A) })
        {
            string spi = GiveNextKeys(pair);
            UdpFlow flow = RunDuring(pair, seconds: 6, () =>
            {
                string said = Reload(first);
                Assert.Contains("next keys, probed until it is heard under them", said, StringComparison.Ordinal);
                Thread.Sleep(TimeSpan.FromSeconds(2));
                Assert.Equal(["current", "next"], Uses(first));
                Rewrite(second);
                second.Process.Signal("HUP");
                Wait.Until("both ends send by the next keys", Limit, () => SpiOut(pair.A) == spi && SpiOut(pair.B) != null
                    && !Uses(pair.A).Contains("next") && !Uses(pair.B).Contains("next"));
            });

            Measured.Print($"{flow}");
            AssertNothingLost(flow);
            Wait.Until("the former keys have retired", Limit, () => Uses(pair.A).Length == 1 && Uses(pair.B).Length == 1);
            Promote(pair);
            Assert.Equal("nothing has changed\n", Reload(pair.A));
            Assert.Equal("nothing has changed\n", Reload(pair.B));
            Assert.Equal(spi, SpiOut(pair.A));
        }

        pair.A.Ping(pair.B.Inner.V4, "-c", "3", "-i", "0.2").OutputOrFail();
        pair.A.Process.Stop();
        pair.B.Process.Stop();
    }

    [NamespaceFact]
    public void Peers_come_change_and_go_and_mistakes_change_nothing_beside_a_flow_that_loses_no_packet()
    {
        using TunnelPair pair = UdpFlow.StartQuietPair();
        using var folder = new ConfFolder(pair.A);
        pair.A.Process.Stop();
        using NattTunProcess process = folder.Start();
        pair.A.Ping(pair.B.Inner.V4, "-c", "20", "-i", "0.1");
        Thread.Sleep(TimeSpan.FromSeconds(3));
        PeerConfText other = Other(pair.A);

        UdpFlow flow = RunDuring(pair, seconds: 6, () =>
        {
            folder.Write("other", other);
            Assert.Contains("peer other: added", folder.Reload().OutputOrFail(), StringComparison.Ordinal);
            Assert.Equal(["a", "other"], Peers(pair.A));
            Assert.Contains("10.99.0.2 ", Routes(pair.A), StringComparison.Ordinal);
            Assert.Contains("10.98.0.1/32", Addresses(pair.A), StringComparison.Ordinal);

            other["remote_private_ip"] = "10.99.0.3";
            other["local_private_ip"] = "10.98.0.2";
            folder.Write("other", other);
            Assert.Contains("peer other: changed", folder.Reload().OutputOrFail(), StringComparison.Ordinal);
            Assert.Contains("10.99.0.3 ", Routes(pair.A), StringComparison.Ordinal);
            Assert.DoesNotContain("10.99.0.2 ", Routes(pair.A), StringComparison.Ordinal);
            Assert.DoesNotContain("10.98.0.1/32", Addresses(pair.A), StringComparison.Ordinal);

            other["dpd_interval"] = "often";
            other["tun_name"] = "natt7";
            folder.Write("other", other);
            CommandResult refused = folder.Reload();
            Assert.Equal(2, refused.ExitCode);
            Assert.Matches(@"(?m)/other\.conf:\d+: dpd_interval: 'often' is no time", refused.Error);
            other["dpd_interval"] = null;
            folder.Write("other", other);
            refused = folder.Reload();
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("tun_name", refused.Error, StringComparison.Ordinal);
            Assert.Equal(["a", "other"], Peers(pair.A));

            folder.Remove("other");
            Assert.Contains("peer other: removed", folder.Reload().OutputOrFail(), StringComparison.Ordinal);
            Assert.Equal(["a"], Peers(pair.A));
            Assert.DoesNotContain("10.99.0.3 ", Routes(pair.A), StringComparison.Ordinal);
        });

        Measured.Print($"{flow}");
        AssertNothingLost(flow);
        process.Stop();
    }

    private static void AssertNothingLost(UdpFlow flow)
    {
        Assert.True(flow.Sent == flow.Received, $"{flow}");
        Assert.True(flow.B.Missing == 0, $"{flow}");
        Assert.True(flow.Sent > 1000, $"{flow}");
    }

    private static UdpFlow RunDuring(TunnelPair pair, int seconds, Action changes)
    {
        Task<UdpFlow> running = Task.Run(() => UdpFlow.Run(pair, seconds, Mbit));
        Thread.Sleep(TimeSpan.FromSeconds(1));
        changes();
        return running.GetAwaiter().GetResult();
    }

    /// <summary>Writes next keys into both confs as they will be; returns A's next outbound SPI.</summary>
    private static string GiveNextKeys(TunnelPair pair)
    {
        string spi = "";
        foreach ((TestPeer sender, TestPeer receiver) in new[] { (pair.A, pair.B), (pair.B, pair.A) })
        {
            string drawn = TunnelPair.RandomKey(4).Replace("0x0", "0x1", StringComparison.Ordinal);
            spi = sender == pair.A ? drawn : spi;
            foreach ((string key, string value) in new[] { ("spi", drawn), ("enc", TunnelPair.RandomKey(32)), ("auth", TunnelPair.RandomKey(32)) })
            {
                sender.Conf[$"next_{key}_out"] = value;
                receiver.Conf[$"next_{key}_in"] = value;
            }
        }

        return spi;
    }

    private static void Promote(TunnelPair pair)
    {
        foreach (TestPeer peer in new[] { pair.A, pair.B })
        {
            foreach (string key in new[] { "spi_in", "spi_out", "enc_in", "enc_out", "auth_in", "auth_out" })
            {
                peer.Conf[key] = peer.Conf[$"next_{key}"];
                peer.Conf[$"next_{key}"] = null;
            }
        }
    }

    private static void Rewrite(TestPeer peer) => peer.Conf.WriteTo(peer.ConfFile);

    private static string Reload(TestPeer peer)
    {
        Rewrite(peer);
        return peer.Ask("reload").OutputOrFail();
    }

    private static JsonElement Status(TestPeer peer) =>
        JsonDocument.Parse(peer.Ask("status", "--json").OutputOrFail()).RootElement.GetProperty("peers");

    private static string[] Peers(TestPeer peer) => [.. Status(peer).EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!)];

    private static JsonElement[] Keys(TestPeer peer) => [.. Status(peer)[0].GetProperty("keys").EnumerateArray()];

    private static string[] Uses(TestPeer peer) => [.. Keys(peer).Select(keys => keys.GetProperty("use").GetString()!)];

    private static string? SpiOut(TestPeer peer) =>
        Keys(peer).First(keys => keys.GetProperty("use").GetString() == "current").GetProperty("spi_out").GetString();

    private static string Routes(TestPeer peer) => peer.Host.Run("ip", "route", "show", "dev", TestPeer.Device).OutputOrFail();

    private static string Addresses(TestPeer peer) => peer.Host.Run("ip", "-o", "address", "show", "dev", TestPeer.Device).OutputOrFail();

    private static PeerConfText Other(TestPeer peer)
    {
        var other = new PeerConfText();
        other["local_private_ip"] = "10.98.0.1";
        other["remote_private_ip"] = "10.99.0.2";
        other["state_dir"] = peer.StateDirectory;
        foreach (string direction in new[] { "in", "out" })
        {
            other[$"spi_{direction}"] = direction == "in" ? "0x0000c001" : "0x0000c002";
            other[$"enc_{direction}"] = TunnelPair.RandomKey(32);
            other[$"auth_{direction}"] = TunnelPair.RandomKey(32);
        }

        return other;
    }

    /// <summary>A folder of confs, of which the first is the peer's own.</summary>
    private sealed class ConfFolder : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("natt-folder-").FullName;
        private readonly TestPeer _peer;

        public ConfFolder(TestPeer peer)
        {
            _peer = peer;
            Write("a", peer.Conf);
        }

        public NattTunProcess Start()
        {
            var process = new NattTunProcess(_peer.Host, NattTunProcess.Executable, "--conf", _folder);
            process.WaitForLine("device natt0 is up", Limit);
            process.WaitForLine("peer a is up", Limit);
            return process;
        }

        public void Write(string name, PeerConfText conf) => conf.WriteTo(PathOf(name));

        public void Remove(string name) => File.Delete(PathOf(name));

        public CommandResult Reload() => _peer.Ask("reload", "--tun", TestPeer.Device);

        public void Dispose() => Directory.Delete(_folder, recursive: true);

        private string PathOf(string name) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{name}.conf"));
    }
}
