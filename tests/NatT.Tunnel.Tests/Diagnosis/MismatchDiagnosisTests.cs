using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.Diagnosis;

/// <summary>Two ends that disagree: A says of its peer, p, what the matter is and what to change.</summary>
public sealed class MismatchDiagnosisTests
{
    private const string OtherKey = "0x202122232425262728292a2b2c2d2e2f";
    private const string SeparateKeys =
        "enc_in = 0x202122232425262728292a2b2c2d2e2f\nauth_in = 0x303132333435363738393a3b3c3d3e3f";

    [Theory]
    [InlineData("", "icv_bits = 96",
        "peer p sends ICVs of 96 bits, and icv_bits here is 128: write icv_bits = 96 here, or 128 at its end")]
    [InlineData("icv_bits = 96", "",
        "peer p sends ICVs of 128 bits, and icv_bits here is 96: write icv_bits = 128 here, or 96 at its end")]
    [InlineData("", $"icv_bits = 96\nauth_out = {OtherKey}",
        "peer p may send ICVs of 96 bits, as its datagrams are long, under other keys than ours: compare icv_bits at both ends, "
        + "then auth_in here with auth_out at its end")]
    [InlineData("", $"auth_out = {OtherKey}",
        "peer p may have another key to authenticate with: no ICV from 198.51.100.2:1100 is right; "
        + "compare auth_in here with auth_out at its end, and suite")]
    [InlineData("", $"enc_out = {OtherKey}",
        "peer p has our key to authenticate with, but another to encrypt with: its ICVs are right and its packets decrypt to nonsense; "
        + "compare enc_in here with enc_out at its end")]
    [InlineData("esn = yes", "", "peer p has 32-bit sequence numbers, and esn here is yes: write esn = no here, or esn = yes at its end")]
    [InlineData("", "esn = yes", "peer p has 64-bit sequence numbers, and esn here is no: write esn = yes here, or esn = no at its end")]
    [InlineData(SeparateKeys, SeparateKeys,
        "peer p seals with the keys that are enc_out and auth_out here: swap the keys' _in and _out at one end")]
    [InlineData("spi_in = 0x1001\nspi_out = 0x1002", "spi_in = 0x1001\nspi_out = 0x1002",
        "peer p sends under SPI 0x00001002, which is spi_out here: swap spi_in and spi_out at one end")]
    [InlineData($"spi_in = 0x1001\nspi_out = 0x1002\n{SeparateKeys}", $"spi_in = 0x1001\nspi_out = 0x1002\n{SeparateKeys}",
        "peer p may run the same conf as this end, or our own datagrams come back from 198.51.100.2:1100: swap all _in and _out, and "
        + "local_private_ip and remote_private_ip, at one end")]
    [InlineData("spi_in = 0x1001\nspi_out = 0x1002", $"spi_in = 0x1001\nspi_out = 0x1002\nauth_out = {OtherKey}",
        "peer p may have our spi_in and spi_out where it should have them swapped, and other keys: 198.51.100.2:1100 sends under "
        + "SPI 0x00001002, which is spi_out here; compare the confs of both ends")]
    [InlineData("", "spi_out = 0x1003",
        "peer p sends under SPI 0x00001003, and spi_in here is 0x00001234: write spi_in = 0x00001003 here, or spi_out = 0x00001234 at its end")]
    [InlineData("", $"spi_out = 0x1003\nauth_out = {OtherKey}",
        "198.51.100.2:1100 sends under SPI 0x00001003, which is spi_in of no conf here: if it is a peer, its spi_out may be wrong, "
        + "compare it with spi_in here")]
    [InlineData("", "suite = aes-cbc-hmac-sha384\nauth_out = 0x" + "55555555555555555555555555555555",
        "peer p may have another suite: no packet of aes-cbc-hmac-sha256 is as long as the datagrams from 198.51.100.2:1100; "
        + "compare suite at both ends")]
    public void What_two_confs_do_not_agree_on_is_named_once_with_its_remedy(string a, string b, string line)
    {
        using var lab = new TunnelLab(a: a.Split('\n'), b: b.Split('\n'));

        lab.Advance(TimeSpan.FromSeconds(25));

        Assert.Equal([line], Lines(lab.A));
        Assert.Empty(lab.A.Device.Delivered);
    }

    [Theory]
    [InlineData("10.9.9.9", EndConf.InnerA,
        "peer p sends packets from 10.9.9.9 to 10.1.0.1, and remote_private_ip here does not hold 10.9.9.9: add it here, "
        + "or correct local_private_ip at its end")]
    [InlineData(EndConf.InnerB, "10.9.9.9",
        "peer p sends packets from 10.2.0.1 to 10.9.9.9, and local_private_ip here does not hold 10.9.9.9: add it here, "
        + "or correct remote_private_ip at its end")]
    [InlineData(EndConf.InnerA, EndConf.InnerA,
        "peer p sends packets from 10.1.0.1, an address of this end: both may have the same local_private_ip, correct it at one end")]
    public void Selectors_that_exclude_what_comes_are_named(string source, string destination, string line)
    {
        using TunnelLab lab = TunnelLab.Established();
        using var sealer = new Sealer();

        Show(lab, sealer.Seal(1000, InnerPackets.Udp(source, destination, 100)));

        Assert.Equal([line], Lines(lab.A));
    }

    [Fact]
    public void Packets_without_an_IP_header_point_to_the_mode()
    {
        using TunnelLab lab = TunnelLab.Established();
        using var sealer = new Sealer();

        Show(lab, sealer.Seal(1000, new byte[20], nextHeader: 6));

        Assert.Equal(
            ["peer p sends packets of protocol 6 without an IP header, as in transport mode, and mode here is tunnel: "
                + "write mode = transport here, or mode = tunnel at its end"],
            Lines(lab.A));
    }

    [Fact]
    public void Ike_on_our_port_is_named()
    {
        using var lab = new TunnelLab();

        Show(lab, [0, 0, 0, 0, .. new byte[28].Select((_, i) => (byte)(i + 1))]);

        Assert.Equal(
            ["198.51.100.2:1100 sends IKE: a far end that negotiates keys may be configured there, where natt-tun needs the keys of its conf"],
            Lines(lab.A));
    }

    [Fact]
    public void A_framing_that_the_peer_does_not_answer_is_named()
    {
        using var lab = new TunnelLab(a: ["espmode = espinudp"], b: ["espmode = espinudp-nonike"]);

        // As a kernel, which takes the framing of its SA and no other.
        lab.Network.Passes = datagram => datagram.To != EndConf.OuterB || datagram.Octets.AsSpan(0, 4).IndexOfAnyExcept((byte)0) < 0;
        lab.Advance(TimeSpan.FromSeconds(25));

        Assert.Contains(
            "peer p sends espinudp-nonike and answers no probe in espinudp, which it may not take: "
            + "write espmode = espinudp-nonike here, or auto",
            Lines(lab.A));
    }

    [Fact]
    public void Two_ends_that_take_both_framings_disagree_in_nothing()
    {
        using var lab = new TunnelLab(a: ["espmode = espinudp"], b: ["espmode = espinudp-nonike"]);

        lab.Advance(TimeSpan.FromSeconds(25));

        Assert.Empty(Lines(lab.A));
        Assert.True(lab.Carries(lab.A, lab.B));
    }

    [Fact]
    public void A_counter_that_restarted_is_undecidable_where_no_answer_comes()
    {
        using TunnelLab lab = EstablishedAfter(2000);
        lab.B.LoseRecords();
        lab.Network.Passes = datagram => datagram.To != EndConf.OuterB;

        lab.Advance(TimeSpan.FromSeconds(20));

        string line = Assert.Single(Lines(lab.A).Distinct(), line => line.Contains("undecidable", StringComparison.Ordinal));
        Assert.Matches(
            "^peer p may have restarted its sequence numbers, or somebody replays old packets, the last numbered [1-9][0-9]?: undecidable, as it "
            + "answers no probe; let it answer pings from our inner address, and see that what we send reaches it$",
            line);
    }

    [Fact]
    public void A_counter_that_restarted_is_decided_by_an_answer()
    {
        using TunnelLab lab = EstablishedAfter(2000);
        lab.B.LoseRecords();

        lab.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(["peer p restarted its sequence numbers: a fresh answer moved the replay window back"], Lines(lab.A));
        Assert.True(lab.Carries(lab.B, lab.A));
    }

    [Fact]
    public void Replays_to_an_end_whose_peer_answers_are_no_restart()
    {
        using TunnelLab lab = EstablishedAfter(2000);
        Datagram[] recorded = [.. lab.Network.Recorded.Where(datagram => datagram.To == EndConf.OuterA).Take(50)];

        for (int i = 0; i < 40; i++)
        {
            lab.Replay(recorded);
            lab.Advance(TimeSpan.FromSeconds(0.5));
        }

        Assert.Empty(Lines(lab.A));
    }

    [Fact]
    public void Forged_datagrams_beside_a_peer_that_is_heard_log_nothing()
    {
        using TunnelLab lab = TunnelLab.Established();
        using var sealer = new Sealer();
        byte[] forged = sealer.Seal(5000, InnerPackets.Udp(EndConf.InnerB, EndConf.InnerA, 100));
        forged[^1] ^= 1;

        for (int i = 0; i < 20; i++)
        {
            lab.Network.Deliver(new Datagram(EndConf.OuterB, EndConf.OuterA, forged));
            lab.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(20, lab.A.InboundDrops(NatT.Esp.DropReason.IcvMismatch));
        Assert.Empty(Lines(lab.A));
    }

    [Fact]
    public void A_cause_gets_one_line_a_minute_whatever_arrives()
    {
        using var lab = new TunnelLab();
        var random = new Random(3);

        for (int i = 0; i < 1700; i++)
        {
            byte[] stranger = new byte[100];
            random.NextBytes(stranger);
            stranger[0] = 0x77;
            lab.Network.Deliver(new Datagram(new OuterEndpoint(IpAddress.Parse("203.0.113.9"), 1100), EndConf.OuterA, stranger));
            lab.Advance(TimeSpan.FromSeconds(0.1));
        }

        Assert.Equal(3, Lines(lab.A).Count);
    }

    [Fact]
    public void The_diagnosis_changes_no_association_and_sends_nothing()
    {
        using var lab = new TunnelLab(b: ["icv_bits = 96"]);
        lab.Advance(TimeSpan.FromSeconds(5));
        using var sealer = new Sealer();
        lab.Network.Deliver(new Datagram(EndConf.OuterB, EndConf.OuterA, sealer.Seal(9, InnerPackets.Udp("10.9.9.9", EndConf.InnerA, 100))));
        lab.Settle();
        (ulong top, long version, bool isSynchronised) = StateOf(lab.A);
        PeerRouteOf before = new(lab.A.Peer.Monitor.Route.Endpoint, lab.A.Peer.Monitor.Route.Framing);
        int sent = lab.Network.Recorded.Count;

        lab.A.Diagnosis.Tick(lab.Now);
        lab.Settle();

        Assert.Equal((top, version, isSynchronised), StateOf(lab.A));
        Assert.Equal(before, new PeerRouteOf(lab.A.Peer.Monitor.Route.Endpoint, lab.A.Peer.Monitor.Route.Framing));
        Assert.Equal(sent, lab.Network.Recorded.Count);
        Assert.Contains(Lines(lab.A), line => line.Contains("10.9.9.9", StringComparison.Ordinal));
    }

    private static (ulong Top, long Version, bool IsSynchronised) StateOf(TunnelEnd end) =>
        (end.Peer.Inbound.Top, end.Peer.Inbound.WindowVersion, end.Peer.Inbound.IsSynchronised);

    private static IReadOnlyList<string> Lines(TunnelEnd end) => end.Warnings;

    private static TunnelLab EstablishedAfter(int packets)
    {
        TunnelLab lab = TunnelLab.Established();
        byte[] packet = InnerPackets.Udp(EndConf.InnerB, EndConf.InnerA, 100, mark: 0xEE);
        for (int i = 0; i < packets; i++)
        {
            lab.B.Device.Push(packet);
        }

        lab.Settle();
        return lab;
    }

    private static void Show(TunnelLab lab, byte[] octets)
    {
        lab.Network.Deliver(new Datagram(EndConf.OuterB, EndConf.OuterA, octets));
        lab.Settle();
        lab.A.Tick();
    }

    private readonly record struct PeerRouteOf(OuterEndpoint? Endpoint, UdpFraming Framing);
}
