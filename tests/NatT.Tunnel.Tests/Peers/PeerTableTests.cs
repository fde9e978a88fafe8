using System.Diagnostics;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Tests.Peers;

public sealed class PeerTableTests : IDisposable
{
    private readonly TestPeers _peers = new();
    private uint _spi = 1000;

    public void Dispose() => _peers.Dispose();

    [Fact]
    public void A_peer_is_found_by_its_inbound_spi()
    {
        using var table = new PeerTable([Peer("10.1.0.1", "10.2.0.1"), Peer("10.1.0.1", "10.3.0.1")]);

        Assert.Equal("1001", table.FindBySpi(1001)?.Name);
        Assert.Null(table.FindBySpi(1002));
    }

    [Theory]
    [InlineData("10.2.3.4", "1002")]
    [InlineData("10.2.3.5", "1001")]
    [InlineData("10.2.4.4", "1000")]
    [InlineData("10.3.0.1", null)]
    [InlineData("fd00::1", null)]
    public void Of_several_peers_the_longest_remote_prefix_wins(string destination, string? expected)
    {
        using var table = new PeerTable(
            [Peer("10.1.0.1", "10.2.0.0/16"), Peer("10.1.0.1", "10.2.3.0/24"), Peer("10.1.0.1", "10.2.3.4")]);

        Assert.Equal(expected, table.FindBySelector(IpAddress.Parse("10.1.0.1"), IpAddress.Parse(destination))?.Name);
    }

    [Theory]
    [InlineData("10.1.1.1", "1001")]
    [InlineData("10.1.2.1", "1000")]
    [InlineData("10.9.0.1", null)]
    public void A_source_that_the_longer_prefix_does_not_allow_falls_back_to_the_shorter(string source, string? expected)
    {
        using var table = new PeerTable([Peer("10.1.0.0/16", "10.2.0.0/16"), Peer("10.1.1.0/24", "10.2.3.0/24")]);

        Assert.Equal(expected, table.FindBySelector(IpAddress.Parse(source), IpAddress.Parse("10.2.3.4"))?.Name);
    }

    [Theory]
    [InlineData("10.1.1.1", "1000")]
    [InlineData("10.1.2.1", "1001")]
    [InlineData("10.1.3.1", "1002")]
    public void Peers_with_one_remote_prefix_are_told_apart_by_the_source(string source, string expected)
    {
        using var table = new PeerTable(
            [Peer("10.1.1.0/24", "0.0.0.0/0"), Peer("10.1.2.0/24", "0.0.0.0/0"), Peer("10.1.3.0/24 fd00::/8", "0.0.0.0/0 ::/0")]);

        Assert.Equal(expected, table.FindBySelector(IpAddress.Parse(source), IpAddress.Parse("192.0.2.1"))?.Name);
    }

    [Fact]
    public void It_agrees_with_a_search_through_all_selectors()
    {
        var random = new Random(4301);
        for (int round = 0; round < 100; round++)
        {
            Peer[] peers = [.. Enumerable.Range(0, 12).Select(_ => Peer(RandomPrefixes(random), RandomPrefixes(random)))];
            using var table = new PeerTable(peers);
            for (int i = 0; i < 100; i++)
            {
                IpAddress source = RandomAddress(random);
                IpAddress destination = RandomAddress(random);

                Assert.Equal(Naive(peers, source, destination)?.Name, table.FindBySelector(source, destination)?.Name);
            }
        }
    }

    [Fact]
    public void A_look_up_among_ten_thousand_peers_allocates_nothing()
    {
        Peer[] peers = _peers.CreateIdle(10_000, TimeSpan.Zero);
        using var table = new PeerTable(peers);
        IpAddress source = IpAddress.Parse("10.1.0.1");
        IpAddress destination = peers[9_999].Selector.Remote[0].Network;
        TimeSpan elapsed = TimeSpan.Zero;

        long allocated = Allocation.Least(() =>
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < 100_000; i++)
            {
                Assert.True(ReferenceEquals(peers[9_999], table.FindBySelector(source, destination)));
            }

            elapsed = Stopwatch.GetElapsedTime(start);
        });

        Console.WriteLine($"  measured: {elapsed.TotalNanoseconds / 100_000:F0} ns a look-up among 10,000 peers");
        Assert.Equal(0, allocated);
    }

    private static Peer? Naive(Peer[] peers, IpAddress source, IpAddress destination) =>
        (from peer in peers
         from remote in peer.Selector.Remote
         from local in peer.Selector.Local
         where remote.Contains(destination) && local.Contains(source)
         orderby remote.Length descending, local.Length descending, peer.Inbound.Parameters.Spi
         select peer).FirstOrDefault();

    private static string RandomPrefixes(Random random) => string.Join(
        ' ', Enumerable.Range(0, random.Next(1, 4)).Select(_ => RandomAddress(random)).Select(a => new IpPrefix(a, random.Next(a.BitLength + 1))));

    private static IpAddress RandomAddress(Random random)
    {
        bool isIPv6 = random.Next(4) == 0;
        UInt128 high = (UInt128)random.Next(4) << (isIPv6 ? 126 : 30);
        return new IpAddress(high | (UInt128)random.Next(4), isIPv6);
    }

    private Peer Peer(string local, string remote) => _peers.Create(_spi++, TestPeers.Selector(local, remote));
}
