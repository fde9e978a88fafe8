using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>The choices of a conf, each seen to work and, where it shows, seen on the wire.</summary>
public sealed class ConfTests
{
    private const string NonIkeMarker = "udp[8:4] = 0";

    [NamespaceTheory]
    [InlineData("espinudp", "espinudp")]
    [InlineData("espinudp-nonike", "espinudp-nonike")]
    [InlineData("auto", "espinudp")]
    [InlineData("auto", "espinudp-nonike")]
    [InlineData("auto", "auto")]
    public void Framing(string framingOfA, string framingOfB)
    {
        using var pair = new TunnelPair();
        pair.A.Conf["espmode"] = framingOfA;
        pair.B.Conf["espmode"] = framingOfB;
        pair.Start();
        // By the second round each has drawn a fresh answer, and auto has settled.
        pair.AssertPings();

        using var capture = new Capture(pair.B.Host, NetworkLab.Outer, "udp port 1100");
        pair.AssertPings();
        capture.Stop();

        AssertSends(capture, pair.B, framingOfB);
        AssertSends(capture, pair.A, framingOfA);
    }

    /// <summary>Either end understands both framings, so auto may have settled on either; but it has settled.</summary>
    private static void AssertSends(Capture capture, TestPeer peer, string framing)
    {
        string frames = $"src host {(peer.Name == "a" ? "192.0.2.1" : "192.0.2.2")} and greater 100";
        int all = capture.Count(frames);
        int nonIke = capture.Count($"{frames} and {NonIkeMarker}");
        Assert.True(all >= 20, $"only {all} frames");
        switch (framing)
        {
            case "espinudp":
                Assert.Equal(0, nonIke);
                break;
            case "espinudp-nonike":
                Assert.Equal(all, nonIke);
                break;
            default:
                Assert.True(nonIke == 0 || nonIke == all, $"{nonIke} of {all} frames have the marker");
                break;
        }
    }

    [NamespaceTheory]
    [InlineData(96, 12)]
    [InlineData(128, 16)]
    public void Icv_length(int bits, int octets)
    {
        using var pair = new TunnelPair();
        pair.With("icv_bits", $"{bits}").With("espmode", "espinudp").Start();

        using var capture = new Capture(pair.B.Host, NetworkLab.Outer, "udp port 1100");
        pair.AssertPings();
        capture.Stop();

        // An IPv4 ping of 84 octets: UDP header, SPI and number, IV, 84 + 2 octets padded to the AES block, ICV.
        int udpLength = 8 + 8 + 16 + 96 + octets;
        Assert.True(capture.Count($"udp[4:2] = {udpLength}") >= 20, $"too few frames with UDP length {udpLength}:\n{capture.Show("")}");
    }

    [NamespaceFact]
    public void Sample_of_the_scripts_with_one_SPI_and_key_set_for_both_directions()
    {
        using var pair = new TunnelPair();
        foreach (string key in new[] { "spi", "enc", "auth" })
        {
            pair.With($"{key}_in", null).With($"{key}_out", null);
        }

        pair.With("spi_id", "0xc0666a70")
            .With("enc_aes", TunnelPair.RandomKey(24))
            .With("auth_sha256", TunnelPair.RandomKey(16))
            .With("icv_bits", "96")
            .With("espmode", "espinudp-nonike")
            .Start();

        pair.AssertPings();
        Assert.True(Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V4, 2).MbitPerSecond > 1);
    }

    [NamespaceFact]
    public void Extended_sequence_numbers()
    {
        using var pair = new TunnelPair();
        pair.With("esn", "yes").Start();

        pair.AssertPings();
        Assert.True(Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V4, 2).MbitPerSecond > 1);
    }

    [NamespaceTheory]
    [InlineData(16)]
    [InlineData(24)]
    public void Shorter_AES_keys(int bytes)
    {
        using var pair = new TunnelPair();
        pair.A.Conf["enc_out"] = pair.B.Conf["enc_in"] = TunnelPair.RandomKey(bytes);
        pair.B.Conf["enc_out"] = pair.A.Conf["enc_in"] = TunnelPair.RandomKey(bytes);
        pair.Start();

        pair.AssertPings();
    }

    [NamespaceFact]
    public void IPv6_outside()
    {
        NetworkLab lab = NetworkLab.Direct();
        using var pair = new TunnelPair(lab);
        pair.A.Conf["remote_public_ip"] = lab.OuterOfB.V6;
        pair.B.Conf["remote_public_ip"] = lab.OuterOfA.V6;
        pair.Start();
        using var capture = new Capture(lab.A, NetworkLab.Outer);

        pair.AssertPings();
        Assert.True(Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V4, 2).MbitPerSecond > 1);

        capture.Stop();
        Assert.True(capture.Count("ip6 and udp port 1100") > 40);
        capture.AssertNone("ip or ip6 protochain 44");
    }

    [NamespaceFact]
    public void Peer_without_an_address_waits_and_learns_it()
    {
        using var pair = new TunnelPair();
        pair.B.Conf["remote_public_ip"] = "";
        pair.Start();

        pair.AssertPings();
    }

    [NamespaceFact]
    public void Error_in_a_conf_ends_with_exit_code_2_and_one_line_that_names_the_place()
    {
        using var pair = new TunnelPair();
        pair.A.Conf["replay_windw"] = "64";

        NattTunProcess process = pair.A.Launch();

        Assert.Equal(2, process.WaitForExit());
        Assert.Matches(@"a\.conf:\d+: replay_windw: .*replay_window", process.Log);
    }
}
