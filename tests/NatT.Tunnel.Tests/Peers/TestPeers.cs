using NatT.Crypto;
using NatT.Crypto.Portable;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Tests.Peers;

/// <summary>Peers for what needs many of them and none of their records: tables and ticks, no traffic.</summary>
internal sealed class TestPeers : IDisposable
{
    private static readonly OuterEndpoint Endpoint = new(IpAddress.Parse("192.0.2.1"), 1100);

    /// <summary>What a conf of default values makes of a peer whose address and framing it gives.</summary>
    public static readonly PeerMonitorOptions Watched = new()
    {
        InitialEndpoint = Endpoint,
        Framing = UdpFraming.Rfc3948,
        CanProbe = true,
        HasReplayWindow = true,
        Keepalive = TimeSpan.FromSeconds(20),
        DpdInterval = TimeSpan.FromSeconds(10),
        DpdMisses = 3,
    };

    private readonly BouncyCastleAesCbcHmacSha256 _suite = new();
    private readonly RandomIvs _ivs = new(octets => octets.Clear());

    public Peer Create(uint spi, TrafficSelector selector, PeerMonitorOptions? monitor = null, string? remoteName = null, TimeSpan? retireAfter = null) => new()
    {
        Name = $"{spi}",
        Selector = selector,
        InboundPolicy = new InboundPolicy(selector, []),
        Outbound = new OutboundSecurityAssociation(Parameters(spi), new SequenceCounter(1, isExtended: false), _ivs),
        OutboundRecord = null!,
        Inbound = new InboundSecurityAssociation(Parameters(spi), 1024),
        InboundRecord = null,
        PairNumber = (int)spi,
        Monitor = new PeerMonitor(monitor ?? new PeerMonitorOptions(), TimeSpan.Zero),
        ProbeSource = IpAddress.Parse("10.1.0.1"),
        ProbeTarget = IpAddress.Parse("10.2.0.1"),
        RemoteName = remoteName,
        RetireAfter = retireAfter,
    };

    /// <summary>A peer to look up.</summary>
    public Peer CreateNamed(uint spi) => Create(spi, Selector("10.1.0.1", "10.2.0.1"), remoteName: "peer.example.org");

    /// <summary>So many peers with an address each, known and pinned, of which each is probed and heard at <paramref name="now"/>.</summary>
    public Peer[] CreateIdle(int count, TimeSpan now)
    {
        Peer[] peers = [.. Enumerable.Range(0, count).Select(i => Create(1000 + (uint)i, Host(i), Watched))];
        foreach (Peer peer in peers)
        {
            peer.Monitor.Tick(now, bits: 1, windowVersion: 0);
            peer.Monitor.TryTakeAnswer(1, now, out Probe probe);
            peer.Monitor.NoteAnswer(probe, Endpoint, 100, synchronisation: null, now);
            peer.Monitor.NoteSent(now);
        }

        return peers;
    }

    public static TrafficSelector Selector(string local, string remote) =>
        new(local.Split(' ').Select(IpPrefix.Parse), remote.Split(' ').Select(IpPrefix.Parse));

    public void Dispose() => _ivs.Dispose();

    private static TrafficSelector Host(int index) =>
        new([IpPrefix.Parse("10.1.0.1")], [IpPrefix.Host(new IpAddress((UInt128)(0x0A02_0000 + index), IsIPv6: false))]);

    private SecurityAssociationParameters Parameters(uint spi) =>
        new(spi, _suite.CreateKey(new byte[16], new byte[32], 16), IsExtended: false);
}
