using NatT.EndToEnd.Tests.Lab;
using NatT.Interop.Tests.Link;
using NatT.Interop.Tests.Scapy;

namespace NatT.Interop.Tests;

/// <summary>Pings between a natt-tun and a scapy script with static keys, which checks each frame it gets.</summary>
public sealed class ScapyExchangeTests
{
    private static readonly TimeSpan PinLimit = TimeSpan.FromSeconds(5);

    [NamespaceTheory]
    [InlineData("espinudp", 128)]
    [InlineData("espinudp", 96)]
    [InlineData("espinudp-nonike", 128)]
    [InlineData("espinudp-nonike", 96)]
    public void Scapy_and_natt_tun_ping_each_other(string framing, int icvBits)
    {
        using var peer = new ScapyPeer();
        peer.With("espmode", framing).With("icv_bits", $"{icvBits}");

        AssertExchange(peer);
    }

    [NamespaceTheory]
    [InlineData("espinudp", 128)]
    [InlineData("espinudp-nonike", 96)]
    public void They_do_with_the_key_sizes_and_the_one_SPI_of_the_scripts_sample(string framing, int icvBits)
    {
        using var peer = new ScapyPeer();
        peer.WithSharedKeys().With("espmode", framing).With("icv_bits", $"{icvBits}");

        AssertExchange(peer);
    }

    [NamespaceFact]
    public void They_do_with_extended_sequence_numbers()
    {
        using var peer = new ScapyPeer();
        peer.With("esn", "yes");

        AssertExchange(peer);
    }

    [NamespaceTheory]
    [InlineData("aes-gcm-16", "espinudp")]
    [InlineData("aes-gcm-16", "espinudp-nonike")]
    [InlineData("chacha20-poly1305", "espinudp")]
    [InlineData("chacha20-poly1305", "espinudp-nonike")]
    public void They_do_with_an_AEAD(string suite, string framing)
    {
        using var peer = new ScapyPeer();
        peer.WithAead(suite).With("espmode", framing);

        AssertExchange(peer);
    }

    [NamespaceTheory]
    [InlineData("aes-cbc-hmac-sha1", 20, "espinudp", "no")]
    [InlineData("aes-cbc-hmac-sha384", 48, "espinudp-nonike", "yes")]
    [InlineData("aes-cbc-hmac-sha512", 64, "espinudp", "no")]
    [InlineData("aes-cbc-hmac-sha512", 64, "espinudp", "yes")]
    public void They_do_with_other_hashes(string suite, int keySize, string framing, string esn)
    {
        using var peer = new ScapyPeer();
        peer.WithHmac(suite, keySize).With("espmode", framing).With("esn", esn);

        AssertExchange(peer);
    }

    [NamespaceFact]
    public void Automatic_framing_finds_a_peer_that_speaks_non_IKE_only()
    {
        using var peer = new ScapyPeer();
        peer.A.Conf["espmode"] = "auto";
        peer.B.Conf["espmode"] = "espinudp-nonike";
        peer.B.Conf["ignore_other_framing"] = "yes";

        peer.Start("exchange.py");

        Assert.True(peer.TimeUntilUp < PinLimit, $"it took {peer.TimeUntilUp.TotalSeconds:F1} s\n{peer.Log}");
        AssertOnlyNonIkeFramesCarry(peer);
        peer.AssertContent();
    }

    private static void AssertExchange(ScapyPeer peer)
    {
        peer.Start("exchange.py");

        peer.WaitForLine($"{peer.A.Inner.V4} answered 5 of 5");
        peer.WaitForLine($"{peer.A.Inner.V6} answered 5 of 5");
        peer.WaitForLine("serving");
        peer.AssertAnswers();
        peer.AssertContent();
    }

    private static void AssertOnlyNonIkeFramesCarry(ScapyPeer peer)
    {
        using var outer = new Capture(peer.A.Host, NetworkLab.Outer, "src host 192.0.2.1 and udp port 1100");
        peer.AssertAnswers();
        outer.StopLate().AssertNone("udp[8:4] != 0");
        Assert.True(outer.Count("udp[8:4] = 0 and udp[12:4] = 0") >= 10);
    }
}
