using NatT.Tunnel.Configuration;
using NatT.Tunnel.Diagnosis;
using NatT.Tunnel.Tests.Configuration;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.Diagnosis;

/// <summary>What transport mode carries has no IP header to judge by; and the other end may have the other mode.</summary>
public sealed class ModeMismatchTests
{
    private const string Cbc = "aes-cbc-hmac-sha256";
    private const string Gcm = "aes-gcm-16";
    private const string Transport = "mode = transport";
    private const string Tunnel = "mode = tunnel";

    private const string WholePackets =
        "peer p sends whole IP packets, as in tunnel mode, and mode here is transport: write mode = tunnel here, or mode = transport at its end";

    [Theory]
    [InlineData(Cbc, false)]
    [InlineData(Cbc, true)]
    [InlineData(Gcm, false)]
    [InlineData(Gcm, true)]
    public void Transport_mode_at_one_end_and_tunnel_mode_at_the_other_is_named_at_both(string suite, bool isIPv6)
    {
        using var lab = new TunnelLab(Conf(isA: true, suite, isIPv6, Transport), Conf(isA: false, suite, isIPv6, Tunnel));

        lab.Advance(TimeSpan.FromSeconds(25));

        Assert.Equal([WholePackets], Lines(lab.A));
        Assert.Equal([WithoutHeader(isIPv6 ? 58 : 1)], Lines(lab.B));
    }

    [Theory]
    [InlineData(false, 58, "IPv6, and mode = transport here is between addresses of IPv4")]
    [InlineData(true, 1, "IPv4, and mode = transport here is between addresses of IPv6")]
    public void Transport_mode_between_addresses_of_two_IP_versions_is_named(bool isIPv6, int protocol, string versions)
    {
        using var lab = new TunnelLab(Conf(isA: true, Cbc, isIPv6, Transport), Conf(isA: false, Cbc, !isIPv6, Transport));

        lab.Advance(TimeSpan.FromSeconds(25));

        Assert.Equal(
            [$"peer p sends protocol {protocol}, which is of {versions}: use one IP version in local_private_ip and remote_private_ip of both ends"],
            Lines(lab.A));
    }

    [Fact]
    public void Another_key_to_encrypt_with_is_named_in_transport_mode_too()
    {
        using var lab = new TunnelLab(
            Conf(isA: true, Cbc, isIPv6: false, Transport), Conf(isA: false, Cbc, isIPv6: false, Transport, encOut: new string('7', 32)));

        lab.Advance(TimeSpan.FromSeconds(25));

        Assert.Equal(
            ["peer p has our key to authenticate with, but another to encrypt with: its ICVs are right and its packets decrypt to nonsense; "
                + "compare enc_in here with enc_out at its end"],
            Lines(lab.A));
    }

    [Fact]
    public void A_sender_that_pads_as_it_likes_has_the_right_key()
    {
        using var lab = new TunnelLab(Conf(isA: true, Cbc, isIPv6: false, Transport), Conf(isA: false, Cbc, isIPv6: false, Transport));
        using var sealer = new Sealer();
        byte[] udp = [0x11, 0x11, 0x22, 0x22, 0, 10, 0, 0, 1, 2];
        byte[] whole = InnerPackets.Udp(EndConf.InnerB, EndConf.InnerA, 32);

        Show(lab, sealer.SealPlaintext(1000, [.. udp, 9, 9, 9, 9, 4, 17]));
        Assert.Empty(Lines(lab.A));
        Show(lab, sealer.SealPlaintext(1001, [.. whole, .. Enumerable.Repeat((byte)9, 14 - (whole.Length % 16)), 4, 4]));

        Assert.Equal([WholePackets], Lines(lab.A));
    }

    [Theory]
    [InlineData(Cbc, false)]
    [InlineData(Gcm, true)]
    public void A_peer_in_transport_mode_is_heard_where_no_natt_tun_runs(string suite, bool isIPv6)
    {
        using var lab = new TunnelLab(Conf(isA: true, suite, isIPv6, Transport), Conf(isA: false, suite, isIPv6, Transport));
        using var post = new Post(Conf(isA: true, suite, isIPv6, Transport));
        lab.ExchangeProbes();

        string?[] heard = [.. FromB(lab).Select(octets => post.Listening.Take(octets, EndConf.OuterB))];

        Assert.Equal("p", heard[0]);
        Assert.Empty(post.Listening.Mismatches);
    }

    [Theory]
    [InlineData(Transport, Tunnel, WholePackets)]
    [InlineData(Tunnel, Transport, null)]
    public void A_peer_in_the_other_mode_is_not_heard_there(string here, string there, string? line)
    {
        using var lab = new TunnelLab(Conf(isA: true, Cbc, isIPv6: false, here), Conf(isA: false, Cbc, isIPv6: false, there));
        using var post = new Post(Conf(isA: true, Cbc, isIPv6: false, here));
        lab.ExchangeProbes();

        foreach (byte[] octets in FromB(lab))
        {
            Assert.Null(post.Listening.Take(octets, EndConf.OuterB));
        }

        Assert.Equal(line ?? WithoutHeader(1), Assert.Single(post.Listening.Mismatches).Text);
        Assert.Equal(MismatchCause.Mode, post.Listening.Mismatches[0].Cause);
    }

    private static string WithoutHeader(int protocol) =>
        $"peer p sends packets of protocol {protocol} without an IP header, as in transport mode, and mode here is tunnel: "
        + "write mode = transport here, or mode = tunnel at its end";

    private static byte[][] FromB(TunnelLab lab)
    {
        byte[][] sent = [.. lab.Network.Recorded.Where(datagram => datagram.To == EndConf.OuterA).Select(datagram => datagram.Octets.ToArray())];
        Assert.NotEmpty(sent);
        return sent;
    }

    private static IReadOnlyList<string> Lines(TunnelEnd end) => end.Warnings;

    private static void Show(TunnelLab lab, byte[] octets)
    {
        lab.Network.Deliver(new Datagram(EndConf.OuterB, EndConf.OuterA, octets));
        lab.Settle();
        lab.A.Tick();
        lab.Time.Advance(TimeSpan.FromSeconds(7));
    }

    /// <summary>What B sends, <see cref="Sealer"/> can seal where the suite is its own.</summary>
    private static PeerConf Conf(bool isA, string suite, bool isIPv6, string mode, string? encOut = null)
    {
        (string a, string b) = isIPv6 ? (EndConf.InnerA6, EndConf.InnerB6) : (EndConf.InnerA, EndConf.InnerB);
        (string fromB, string fromA) = suite == Gcm ? (new string('1', 40), new string('2', 40)) : (EndConf.EncryptionKey, new string('2', 32));
        string auth = suite == Gcm ? "" : $"auth_{(isA ? "in" : "out")} = 0x{EndConf.AuthenticationKey}\nauth_{(isA ? "out" : "in")} = 0x{new string('3', 32)}";
        return ConfText.ParseGood(
            $"""
            local_private_ip = {(isA ? a : b)}
            remote_private_ip = {(isA ? b : a)}
            suite = {suite}
            spi_{(isA ? "in" : "out")} = 0x{EndConf.Spi:x}
            spi_{(isA ? "out" : "in")} = 0x4321
            enc_in = 0x{(isA ? fromB : fromA)}
            enc_out = 0x{encOut ?? (isA ? fromA : fromB)}
            {auth}
            {mode}
            """);
    }

    private sealed class Post : IDisposable
    {
        private readonly PeerConf _conf;
        private readonly PeerParameters _peer;

        public Post(PeerConf conf)
        {
            _conf = conf;
            _peer = PeerParameters.Of(conf);
            Listening = new ListeningPost([_peer]);
        }

        public ListeningPost Listening { get; }

        public void Dispose()
        {
            _peer.Inbound.Key.Dispose();
            _peer.Outbound.Key.Dispose();
            _conf.Dispose();
        }
    }
}
