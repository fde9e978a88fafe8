using System.Collections.Immutable;
using NatT.Tunnel.Control;

namespace NatT.Cli.Tests;

public sealed class StatusTableTests
{
    private const string Suite = "aes-cbc-hmac-sha256";

    private static readonly ImmutableSortedDictionary<string, long> NoDrops =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    [Fact]
    public void Readme_shows_the_table_as_it_is()
    {
        string[] lines = StatusTable.Format(Sample()).Split('\n');

        string readme = File.ReadAllText(Path.Combine(RepositoryRoot(), "README.md"));

        Assert.Contains(string.Join('\n', lines.Select(line => line.Length == 0 ? "" : "  " + line)), readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell()
    {
        string[] rows = [.. StatusTable.Format(Sample()).Split('\n').Skip(2).Take(4)];

        Assert.StartsWith("PEER ", rows[0], StringComparison.Ordinal);
        int column = rows[0].IndexOf("FRAMING", StringComparison.Ordinal);
        Assert.All(rows[1..], row => Assert.Equal("  espinudp", row[(column - 2)..(column + 8)]));
    }

    [Fact]
    public void Without_drops_there_is_nothing_below_the_peers()
    {
        StatusReport report = Sample() with { DropsIn = NoDrops, DropsOut = NoDrops, Peers = [Peer("a")] };

        string text = StatusTable.Format(report);

        Assert.DoesNotContain("DROPPED", text, StringComparison.Ordinal);
        Assert.Equal(4, text.Split('\n').Length);
    }

    [Fact]
    public void Keys_are_shown_of_peers_whose_keys_change()
    {
        KeyStatus current = new() { Use = KeyStatus.Current, SpiIn = "0x00001001", SpiOut = "0x00001002" };
        KeyStatus next = new() { Use = KeyStatus.Next, SpiIn = "0x00002001", SpiOut = "0x00002002" };
        StatusReport report = Sample() with { Peers = [Peer("a") with { Keys = [current, next] }, Peer("b") with { Keys = [current] }] };

        string text = StatusTable.Format(report);

        Assert.Contains("KEYS     PEER  SPI IN      SPI OUT\n", text, StringComparison.Ordinal);
        Assert.Contains("next     a     0x00002001  0x00002002  probed until the peer is heard under them\n", text, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?m)^current +b ", text);
    }

    [Fact]
    public void Reason_of_another_version_is_shown_without_a_sentence()
    {
        StatusReport report = Sample() with { DropsIn = NoDrops.Add("NotKnownHere", 7), Peers = [] };

        Assert.EndsWith("NotKnownHere", StatusTable.Format(report), StringComparison.Ordinal);
    }

    private static StatusReport Sample() => new()
    {
        Device = "natt0",
        Pid = 4711,
        Listening = "[::]:1100",
        UptimeSeconds = 93784,
        SystemCallFilter = true,
        Peers =
        [
            Peer("paris") with
            {
                Endpoint = "198.51.100.7:1100",
                In = Traffic(3_412_553_120, 48_213_334) with { Missing = 41 },
                Out = Traffic(214_553_000, 1_913_334) with { Drops = NoDrops.Add("SendRefused", 3) },
            },
            Peer("lyon") with
            {
                State = PeerStatus.Lost,
                Endpoint = "203.0.113.20:40217",
                Framing = "espinudp-nonike",
                LastHeardSeconds = 312,
                RttMs = 31.42,
                Mtu = null,
                In = Traffic(81_220, 0) with { Missing = 0, Drops = NoDrops.Add("IcvMismatch", 12) },
                Out = Traffic(90_100, 1_344),
            },
            Peer("home") with
            {
                State = PeerStatus.NeverHeard,
                Endpoint = null,
                LastHeardSeconds = null,
                RttMs = null,
                Mtu = null,
                In = Traffic(0, 0),
                Out = Traffic(0, 0),
            },
        ],
        DropsIn = NoDrops.Add("UnknownSpi", 208),
        DropsOut = NoDrops,
    };

    private static PeerStatus Peer(string name) => new()
    {
        Name = name,
        State = PeerStatus.Up,
        Endpoint = "192.0.2.1:1100",
        Framing = "espinudp",
        Suite = Suite,
        Mode = "tunnel",
        LastHeardSeconds = 0.2,
        RttMs = 12.345,
        Mtu = 1422,
        In = Traffic(1, 1),
        Out = Traffic(1, 1),
    };

    private static TrafficStatus Traffic(long octets, double bitsPerSecond) => new()
    {
        Packets = octets / 1000,
        Octets = octets,
        PacketsPerSecond = bitsPerSecond / 8000,
        BitsPerSecond = bitsPerSecond,
        Drops = NoDrops,
    };

    private static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "NatT.Userspace.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("These tests run from a build inside the repository.");
    }
}
