using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using NatT.Esp.Wire;
using NatT.Tunnel.Control;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.DataPath.Lab;
using NatT.Tunnel.Tests.Peers;
using NatT.Tunnel.Tests.State;

namespace NatT.Tunnel.Tests.Control;

public sealed class EndpointResolverTests : IDisposable
{
    private static readonly OuterEndpoint Resolved = new(IpAddress.Parse("203.0.113.7"), 1100);

    private readonly TunnelLab _lab = new(a: ["remote_public_ip = peer.example.org"], aKnowsB: false);
    private readonly RecordingLogger _logger = new();
    private int _lookUps;

    [Fact]
    public void A_name_is_looked_up_at_once_and_its_address_becomes_the_first_endpoint()
    {
        EndpointResolver resolver = Create(IPAddress.Parse("203.0.113.7"));

        resolver.Tick(_lab.A.Peer, _lab.Now);

        Assert.Equal(Resolved, _lab.A.Peer.Monitor.Route.Endpoint);
    }

    [Fact]
    public void A_lost_peer_is_looked_up_every_ten_seconds()
    {
        EndpointResolver resolver = Create(IPAddress.Parse("203.0.113.7"));

        for (int i = 0; i < 301; i++)
        {
            resolver.Tick(_lab.A.Peer, _lab.Now);
            _lab.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(4, _lookUps);
    }

    [Fact]
    public void A_peer_that_is_up_is_not_looked_up()
    {
        EndpointResolver resolver = Create(IPAddress.Parse("203.0.113.7"));
        _lab.ExchangeProbes();
        Assert.True(_lab.A.Peer.Monitor.IsUp);

        resolver.Tick(_lab.A.Peer, _lab.Now);

        Assert.Equal(0, _lookUps);
    }

    [Fact]
    public void A_peer_without_a_name_is_never_looked_up()
    {
        Create(IPAddress.Parse("203.0.113.7")).Tick(_lab.B.Peer, _lab.Now);

        Assert.Equal(0, _lookUps);
    }

    [Fact]
    public void Another_address_of_a_lost_peer_is_only_a_candidate()
    {
        Create(IPAddress.Parse("203.0.113.7")).Tick(_lab.A.Peer, _lab.Now);
        EndpointResolver moved = Create(IPAddress.Parse("203.0.113.8"));

        moved.Tick(_lab.A.Peer, _lab.Now);

        Assert.Equal(Resolved, _lab.A.Peer.Monitor.Route.Endpoint);
    }

    [Fact]
    public void A_name_that_does_not_resolve_is_logged_and_tried_again()
    {
        var resolver = new EndpointResolver(
            (_, _) =>
            {
                _lookUps++;
                return Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));
            },
            _lab.Time,
            _logger);

        resolver.Tick(_lab.A.Peer, _lab.Now);
        _lab.Time.Advance(TimeSpan.FromSeconds(10));
        resolver.Tick(_lab.A.Peer, _lab.Now);

        Assert.Equal(2, _lookUps);
        Assert.Contains("peer.example.org", _logger.Lines(LogLevel.Warning)[0], StringComparison.Ordinal);
        Assert.Null(_lab.A.Peer.Monitor.Route.Endpoint);
    }

    [Fact]
    public void A_name_without_addresses_changes_nothing()
    {
        Create().Tick(_lab.A.Peer, _lab.Now);

        Assert.Null(_lab.A.Peer.Monitor.Route.Endpoint);
    }

    [Fact]
    public void Look_ups_beyond_what_may_run_at_once_wait_for_a_later_tick()
    {
        using var peers = new TestPeers();
        var answer = new TaskCompletionSource<IPAddress[]>();
        var resolver = new EndpointResolver(
            (_, _) =>
            {
                _lookUps++;
                return answer.Task;
            },
            _lab.Time,
            _logger);
        Peer[] named = [.. Enumerable.Range(0, EndpointResolver.MostAtOnce + 10).Select(i => peers.CreateNamed(1000 + (uint)i))];

        Array.ForEach(named, peer => resolver.Tick(peer, _lab.Now));
        int first = _lookUps;
        answer.SetResult([IPAddress.Parse("203.0.113.7")]);
        bool areAllLookedUp = SpinWait.SpinUntil(
            () =>
            {
                Array.ForEach(named, peer => resolver.Tick(peer, _lab.Now));
                return _lookUps == named.Length;
            },
            TimeSpan.FromSeconds(30));

        Assert.Equal(EndpointResolver.MostAtOnce, first);
        Assert.True(areAllLookedUp, $"{_lookUps} of {named.Length}");
    }

    public void Dispose() => _lab.Dispose();

    private EndpointResolver Create(params IPAddress[] addresses) => new(
        (_, _) =>
        {
            _lookUps++;
            return Task.FromResult(addresses);
        },
        _lab.Time,
        _logger);
}
