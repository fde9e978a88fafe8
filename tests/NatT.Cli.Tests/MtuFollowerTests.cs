using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;

namespace NatT.Cli.Tests;

/// <summary>Inner packets over IPv4 without marker: 1422 octets fit 1500 outside, 1326 fit 1400, 1230 fit 1300, 8926 fit 9000.</summary>
public sealed class MtuFollowerTests
{
    private static readonly CipherSuite Suite = AesCbcHmacSha256.Create();
    private static readonly OuterEndpoint First = new(IpAddress.Parse("192.0.2.1"), 1100);
    private static readonly OuterEndpoint Second = new(IpAddress.Parse("198.51.100.1"), 1100);
    private static readonly OuterEndpoint Sixth = new(IpAddress.Parse("2001:db8::1"), 1100);

    private readonly Links _links = new();
    private readonly Lines _log = new();

    [Theory]
    [InlineData(1400, 1326, 1500, 1422)]
    [InlineData(1500, 1422, 1400, 1326)]
    [InlineData(1500, 1422, 9000, 8926)]
    public void Device_and_peer_follow_the_interface_up_and_down(int outer, int inner, int newOuter, int newInner)
    {
        PeerMonitor peer = Peer(First, inner);
        MtuFollower follower = Follow(inner, peers: peer);
        _links.Outer[First.Address] = outer;
        follower.Update(hasNetworkChanged: true);
        Assert.Empty(_links.Set);

        _links.Outer[First.Address] = newOuter;
        follower.Update(hasNetworkChanged: true);

        Assert.Equal([newInner], _links.Set);
        Assert.Equal(newInner, peer.Route.LargestInner);
        Assert.Equal([$"device natt0 has MTU {newInner} now, not {inner}: packets of {newInner} octets fit through outer"], _log.Of(LogLevel.Information));
    }

    [Fact]
    public void Nothing_is_told_where_nothing_changed()
    {
        PeerMonitor peer = Peer(First, 1422);
        MtuFollower follower = Follow(1422, peers: peer);
        PeerRoute before = peer.Route;

        follower.Update(hasNetworkChanged: true);
        follower.Update(hasNetworkChanged: true);
        follower.Update(hasNetworkChanged: false);

        Assert.Equal(2, _links.Measurements);
        Assert.Empty(_links.Set);
        Assert.Same(before, peer.Route);
        Assert.Empty(_log.All);
    }

    [Fact]
    public void Device_has_what_fits_the_narrowest_path()
    {
        PeerMonitor wide = Peer(First, 1326);
        PeerMonitor narrow = Peer(Second, 1326);
        MtuFollower follower = Follow(1326, peers: [wide, narrow]);
        _links.Outer[Second.Address] = 1400;
        follower.Update(hasNetworkChanged: true);
        _links.Outer[First.Address] = 9000;
        follower.Update(hasNetworkChanged: true);
        Assert.Empty(_links.Set);

        _links.Outer[Second.Address] = 1500;
        follower.Update(hasNetworkChanged: true);

        Assert.Equal([1422], _links.Set);
        Assert.Equal((1422, 1422), (wide.Route.LargestInner, narrow.Route.LargestInner));
    }

    [Fact]
    public void Route_that_is_gone_for_a_moment_changes_nothing()
    {
        PeerMonitor peer = Peer(First, 1326);
        MtuFollower follower = Follow(1326, peers: peer);
        _links.Outer[First.Address] = 1400;
        follower.Update(hasNetworkChanged: true);

        _links.Outer[First.Address] = null;
        follower.Update(hasNetworkChanged: true);
        Assert.Empty(_links.Set);

        _links.Outer[First.Address] = 1500;
        follower.Update(hasNetworkChanged: true);
        Assert.Equal([1422], _links.Set);
    }

    [Fact]
    public void Peer_first_heard_behind_a_narrower_interface_is_measured_there_and_no_other_is()
    {
        PeerMonitor silent = Peer(null, 1326);
        PeerMonitor other = Peer(Second, 1326);
        MtuFollower follower = Follow(1422, peers: [silent, other]);
        _links.Outer[First.Address] = 1300;
        follower.Update(hasNetworkChanged: true);
        int before = _links.Measurements;

        silent.NoteResolved(First, TimeSpan.FromMinutes(1));
        follower.Update(hasNetworkChanged: false);

        Assert.Equal(before + 1, _links.Measurements);
        Assert.Equal([1230], _links.Set);
        Assert.Equal((1230, 1230), (silent.Route.LargestInner, other.Route.LargestInner));
    }

    [Fact]
    public void Peer_first_heard_over_IPv6_gets_room_for_the_longer_header()
    {
        PeerMonitor peer = Peer(null, 1422);
        MtuFollower follower = Follow(1422, peers: peer);
        follower.Update(hasNetworkChanged: true);

        peer.NoteResolved(Sixth, TimeSpan.FromMinutes(1));
        follower.Update(hasNetworkChanged: false);

        Assert.Equal([1406], _links.Set);
        Assert.Equal(1406, peer.Route.LargestInner);
    }

    [Fact]
    public void The_confs_MTU_stays_the_devices_and_what_fits_is_followed_below_it()
    {
        PeerMonitor peer = Peer(First, 1350);
        MtuFollower follower = Follow(1350, confMtu: 1350, peers: peer);
        follower.Update(hasNetworkChanged: true);
        Assert.Empty(_log.All);

        _links.Outer[First.Address] = 1300;
        follower.Update(hasNetworkChanged: true);
        Assert.Equal(1230, peer.Route.LargestInner);

        _links.Outer[First.Address] = 9000;
        follower.Update(hasNetworkChanged: true);
        Assert.Equal(1350, peer.Route.LargestInner);

        Assert.Empty(_links.Set);
        Assert.Equal(
            [
                "packets of 1230 octets fit through outer now, not 1350; device natt0 keeps its MTU",
                "packets of 1350 octets fit through outer now, not 1230; device natt0 keeps its MTU",
            ],
            _log.Of(LogLevel.Information));
    }

    [Fact]
    public void Device_of_somebody_elses_is_left_alone_and_what_its_owner_gives_it_is_followed()
    {
        PeerMonitor peer = Peer(First, 1300);
        MtuFollower follower = Follow(1300, isPersistent: true, peers: peer);
        _links.DeviceMtu = 1300;
        follower.Update(hasNetworkChanged: true);
        Assert.Equal(1300, peer.Route.LargestInner);

        _links.DeviceMtu = 1410;
        follower.Update(hasNetworkChanged: true);
        Assert.Equal(1410, peer.Route.LargestInner);

        _links.Outer[First.Address] = 1400;
        follower.Update(hasNetworkChanged: true);
        Assert.Equal(1326, peer.Route.LargestInner);
        Assert.Empty(_links.Set);
    }

    [Fact]
    public void Without_the_right_to_set_the_device_it_warns_once_and_the_peers_follow_below()
    {
        PeerMonitor peer = Peer(First, 1326);
        MtuFollower follower = Follow(1326, peers: peer);
        _links.Refuses = true;
        foreach ((int outer, int told) in new[] { (1500, 1326), (1300, 1230), (9000, 1326) })
        {
            _links.Outer[First.Address] = outer;
            follower.Update(hasNetworkChanged: true);
            Assert.Equal(told, peer.Route.LargestInner);
        }

        string warning = Assert.Single(_log.Of(LogLevel.Warning));
        Assert.Equal("device natt0 keeps MTU 1326, though it should have 1422 by now, which fits through outer: not permitted", warning);

        _links.Refuses = false;
        follower.Update(hasNetworkChanged: true);
        Assert.Equal([8926], _links.Set);
        Assert.Equal(8926, peer.Route.LargestInner);
    }

    [Fact]
    public void Device_with_IPv6_addresses_never_gets_less_than_they_need()
    {
        PeerMonitor peer = Peer(First, 1422);
        MtuFollower follower = Follow(1422, hasIPv6: true, peers: peer);
        _links.Outer[First.Address] = 1300;

        follower.Update(hasNetworkChanged: true);

        Assert.Equal([InnerMtu.SmallestForIPv6], _links.Set);
        Assert.Equal(1230, peer.Route.LargestInner);
    }

    [Fact]
    public void Interface_that_lets_hardly_anything_pass_leaves_an_MTU_that_a_device_can_have()
    {
        PeerMonitor peer = Peer(First, 1422);
        MtuFollower follower = Follow(1422, peers: peer);
        _links.Outer[First.Address] = 68;

        follower.Update(hasNetworkChanged: true);

        Assert.Equal([68], _links.Set);
        Assert.Equal(68, peer.Route.LargestInner);
    }

    [Fact]
    public void Peers_nobody_heard_from_yet_cost_one_measurement()
    {
        MtuFollower follower = Follow(1422, peers: [.. Enumerable.Range(0, 1000).Select(_ => Peer(null, 1422))]);

        follower.Update(hasNetworkChanged: true);

        Assert.Equal(1, _links.Measurements);
    }

    private static PeerMonitor Peer(OuterEndpoint? endpoint, int assumed)
    {
        var monitor = new PeerMonitor(new PeerMonitorOptions { InitialEndpoint = endpoint, Framing = UdpFraming.Rfc3948 }, TimeSpan.Zero);
        monitor.AssumeMtu(assumed);
        return monitor;
    }

    private MtuFollower Follow(int mtu, int? confMtu = null, bool isPersistent = false, bool hasIPv6 = false, params PeerMonitor[] peers) => new(
        [.. peers.Select(peer => new FollowedPeer(PathOf(peer.Route.Endpoint), peer))],
        new FollowedDevice("natt0", mtu, confMtu, isPersistent, hasIPv6),
        _links,
        _log);

    private static PeerPath PathOf(OuterEndpoint? endpoint) =>
        new(endpoint?.Address, Interface: null, IsIPv6: endpoint?.Address.IsIPv6 ?? false, MarkerSize: 0, Suite, IcvSize: 16);

    private sealed class Links : ILinkMtus
    {
        /// <summary>The outer MTU on the way to an address, 1500 where nothing else is said; null: no way.</summary>
        public Dictionary<IpAddress, int?> Outer { get; } = [];

        public List<int> Set { get; } = [];

        public int Measurements { get; private set; }

        public bool Refuses { get; set; }

        public int DeviceMtu { get; set; }

        public void SetDeviceMtu(int mtu)
        {
            if (Refuses)
            {
                throw new IOException("not permitted");
            }

            Set.Add(mtu);
        }

        public (InnerMtu Mtu, string? Interface, bool IsKnown) Measure(PeerPath path)
        {
            Measurements++;
            int? outer = path.Address is IpAddress address && Outer.TryGetValue(address, out int? given) ? given : 1500;
            return (new InnerMtu(outer ?? 1500, path.IsIPv6, path.MarkerSize, path.Suite, path.IcvSize), "outer", outer is not null);
        }
    }

    private sealed class Lines : ILogger
    {
        public List<(LogLevel Level, string Text)> All { get; } = [];

        public IEnumerable<string> Of(LogLevel level) => All.Where(line => line.Level == level).Select(line => line.Text);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add((logLevel, formatter(state, exception)));
    }
}
