using NatT.Tunnel.Control;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.Peers;

namespace NatT.Tunnel.Tests.Control;

public sealed class PeerSearchTests : IDisposable
{
    private readonly TestPeers _peers = new();

    [Theory]
    [InlineData(null, "1 2 3")]
    [InlineData("2", "2")]
    [InlineData("3 1", "3 1")]
    [InlineData("2 2", "2")]
    [InlineData("", "")]
    public void Peers_are_found_by_the_names_they_have_in_status(string? names, string found)
    {
        string? problem = PeerSearch.Find(Create(3), Split(names), out IReadOnlyList<Peer> peers);

        Assert.Null(problem);
        Assert.Equal(found, string.Join(' ', peers.Select(peer => peer.Name)));
    }

    [Theory]
    [InlineData("4", 3, "no peer is called '4', there are 1, 2, 3")]
    [InlineData("1 4 5", 3, "no peer is called '4', there are 1, 2, 3")]
    [InlineData("2", 1, "no peer is called '2', there is 1")]
    [InlineData("43210", 5000, "no peer is called '43210', the nearest of 5000 is 3210")]
    public void Name_of_no_peer_is_answered_with_those_there_are_or_the_nearest(string names, int count, string expected) =>
        Assert.Equal(expected, PeerSearch.Find(Create(count), Split(names), out _));

    [Fact]
    public void Null_is_no_name() => Assert.Equal("no peer is called '', there is 1", PeerSearch.Find(Create(1), [null], out _));

    public void Dispose() => _peers.Dispose();

    private static string[]? Split(string? names) => names?.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private Peer[] Create(int count) => [.. Enumerable.Range(1, count).Select(i => _peers.CreateNamed((uint)i))];
}
