using System.Runtime.CompilerServices;
using NatT.EndToEnd.Tests.Lab;
using NatT.Interop.Tests.Tshark;

namespace NatT.Interop.Tests;

/// <summary>What tshark, given the keys, makes of every frame between two natt-tun.</summary>
public sealed class TsharkTests
{
    private const int Pings = 5;
    private const string Pattern4 = "c0ffee04c0ffee04";
    private const string Pattern6 = "c0ffee06c0ffee06";
    private static readonly TimeSpan IperfLimit = TimeSpan.FromSeconds(20);

    [NamespaceTheory]
    [InlineData(256, 128, "espinudp")]
    [InlineData(192, 96, "espinudp")]
    [InlineData(128, 128, "espinudp")]
    [InlineData(256, 96, "espinudp-nonike")]
    [InlineData(192, 128, "espinudp-nonike")]
    public void Every_frame_is_authentic_and_decrypts_to_what_was_sent(int aesBits, int icvBits, string framing) => AssertWitnessed(pair =>
    {
        pair.With("espmode", framing).With("icv_bits", $"{icvBits}");
        GiveKey(pair.A, pair.B, aesBits);
        GiveKey(pair.B, pair.A, aesBits);
    });

    [NamespaceFact]
    public void The_same_holds_with_one_SPI_and_key_set_for_both_directions() => AssertWitnessed(pair =>
    {
        foreach (string key in new[] { "spi_in", "spi_out", "enc_in", "enc_out", "auth_in", "auth_out" })
        {
            pair.With(key, null);
        }

        pair.With("spi_id", "0xc0666a70").With("enc_aes", TunnelPair.RandomKey(24)).With("auth_sha256", TunnelPair.RandomKey(16))
            .With("icv_bits", "96").With("espmode", "espinudp-nonike");
    });

    [NamespaceTheory]
    [InlineData("espinudp")]
    [InlineData("espinudp-nonike")]
    public void The_same_holds_with_AES_GCM(string framing) => AssertWitnessed(pair => pair.With("espmode", framing).WithAead("aes-gcm-16"));

    [NewerTsharkFact]
    public void The_same_holds_with_ChaCha20_Poly1305() => AssertWitnessed(pair => pair.WithAead("chacha20-poly1305"));

    [NamespaceTheory]
    [InlineData("aes-cbc-hmac-sha1", 20, "espinudp")]
    [InlineData("aes-cbc-hmac-sha384", 48, "espinudp-nonike")]
    [InlineData("aes-cbc-hmac-sha512", 64, "espinudp")]
    public void The_same_holds_with_other_hashes(string suite, int keySize, string framing) =>
        AssertWitnessed(pair => pair.With("espmode", framing).WithHmac(suite, keySize));

    [NamespaceFact]
    public void Outer_DSCP_and_ECN_are_those_of_the_inner_packet()
    {
        using var tunnel = new WitnessedTunnel(_ => { });
        TunnelPair pair = tunnel.Pair;
        string[] trafficClasses = ["b8", "02", "01", "03", "2a"];

        foreach (string trafficClass in trafficClasses)
        {
            Ping(pair.A, pair.B.Inner.V4, Pattern4, "-Q", $"0x{trafficClass}");
            Ping(pair.A, pair.B.Inner.V6, Pattern6, "-Q", $"0x{trafficClass}");
        }

        IReadOnlyList<TunnelFrame> frames = tunnel.Witness();
        AssertAll(frames, frame => frame.TrafficClasses is [var outer, var inner] && outer == inner);
        foreach (string trafficClass in trafficClasses)
        {
            Assert.True(CountFrom(pair.A, Pattern4, trafficClass) >= Pings);
            Assert.True(CountFrom(pair.A, Pattern6, trafficClass) >= Pings);
        }

        int CountFrom(TestPeer sender, string pattern, string trafficClass) => frames.Count(frame => frame.TrafficClasses[0] == trafficClass
            && frame.Spi == SpiOf(sender) && frame.Payload.Contains(pattern, StringComparison.Ordinal));
    }

    [NamespaceFact]
    public void No_frame_is_authentic_under_another_key() =>
        AssertNothingAuthentic(_ => { }, keys => keys with { Authentication = TunnelPair.RandomKey(32) });

    [NewerTsharkFact]
    public void No_frame_of_ChaCha20_Poly1305_is_authentic_under_another_key() =>
        AssertNothingAuthentic(pair => pair.WithAead("chacha20-poly1305"), keys => keys with { Encryption = TunnelPair.RandomKey(36) });

    /// <summary>Else tshark's word on the others would be worth nothing.</summary>
    private static void AssertNothingAuthentic(Action<TunnelPair> configure, Func<EspKeys, EspKeys> falsify)
    {
        using var tunnel = new WitnessedTunnel(configure);
        Ping(tunnel.Pair.A, tunnel.Pair.B.Inner.V4, Pattern4);

        IReadOnlyList<TunnelFrame> frames = tunnel.Witness(falsify);

        AssertAll(frames, frame => !frame.IsAuthentic);
    }

    private static void AssertWitnessed(Action<TunnelPair> configure)
    {
        using var tunnel = new WitnessedTunnel(configure);
        TunnelPair pair = tunnel.Pair;
        Exchange(pair.A, pair.B);
        Exchange(pair.B, pair.A);

        IReadOnlyList<TunnelFrame> frames = tunnel.Witness();
        AssertAll(frames, frame => frame.IsAuthentic);
        AssertAll(frames, frame => IsInnerIP(frame, 4, ":esp:ip:") || IsInnerIP(frame, 41, ":esp:ipv6:"));
        AssertAll(frames, HasRfc4303Padding);
        AssertAll(frames, frame => frame.HasValidChecksums && frame.HasUdpChecksum);
        AssertAll(frames, frame => frame.HasDontFragment && !frame.IsFragment);
        Assert.Empty(frames.GroupBy(frame => (frame.Spi, frame.Iv)).Where(sameIv => sameIv.Count() > 1).Select(sameIv => sameIv.First()));
        AssertSent([.. frames.Where(frame => frame.Sender == "192.0.2.1")], SpiOf(pair.A));
        AssertSent([.. frames.Where(frame => frame.Sender == "192.0.2.2")], SpiOf(pair.B));
    }

    /// <summary>One sender's frames: numbered 1, 2, 3, …, and all of the traffic among them.</summary>
    private static void AssertSent(IReadOnlyList<TunnelFrame> frames, uint spi)
    {
        AssertAll(frames, frame => frame.Spi == spi);
        Assert.Equal(Enumerable.Range(1, frames.Count), frames.Select(frame => (int)frame.SequenceNumber));
        // Its requests and its answers.
        Assert.True(frames.Count(frame => frame.Payload.Contains(Pattern4, StringComparison.Ordinal)) >= 2 * Pings);
        Assert.True(frames.Count(frame => frame.Payload.Contains(Pattern6, StringComparison.Ordinal)) >= 2 * Pings);
        // iperf3 stops once it has queued its 2 MB, and leaves part of them unsent.
        int tcpOctets = frames.Sum(frame => frame.TcpLength);
        Assert.True(tcpOctets > 500_000, $"of iperf3's 2 MB tshark saw {tcpOctets}");
    }

    private static void AssertAll(
        IReadOnlyList<TunnelFrame> frames, Func<TunnelFrame, bool> holds, [CallerArgumentExpression(nameof(holds))] string? what = null)
    {
        Assert.NotEmpty(frames);
        TunnelFrame[] wrong = [.. frames.Where(frame => !holds(frame))];
        Assert.True(wrong.Length == 0, $"{wrong.Length} of {frames.Count} frames: not so: {what}; the first is {wrong.FirstOrDefault()}");
    }

    private static bool IsInnerIP(TunnelFrame frame, int nextHeader, string protocols) =>
        frame.NextHeader == nextHeader && frame.Protocols.Contains(protocols, StringComparison.Ordinal);

    /// <summary>1, 2, 3, …, and no more of it than AES asks for.</summary>
    private static bool HasRfc4303Padding(TunnelFrame frame) => frame.PadLength < 16
        && frame.Padding == Convert.ToHexStringLower([.. Enumerable.Range(1, frame.PadLength).Select(octet => (byte)octet)]);

    private static void Exchange(TestPeer from, TestPeer to)
    {
        Ping(from, to.Inner.V4, Pattern4);
        Ping(from, to.Inner.V6, Pattern6);
        using var server = new BackgroundProcess("iperf3 -s", to.Host.Inside("iperf3", "-s", "-1", "-B", to.Inner.V4, "--forceflush"));
        server.WaitForLine("Server listening", IperfLimit);
        from.Host.Run(IperfLimit, "iperf3", "-c", to.Inner.V4, "-n", "2M").OutputOrFail();
    }

    private static void Ping(TestPeer from, string address, string pattern, params string[] options)
    {
        // For the last answer ping waits no longer than two round trips, which a busy machine outlasts: it is not judged.
        CommandResult ping = from.Ping(address, ["-c", $"{Pings + 1}", "-W", "10", "-i", "0.2", "-p", pattern, .. options]);
        bool isAnswered = Enumerable.Range(1, Pings).All(i => ping.Output.Contains($" icmp_seq={i} ", StringComparison.Ordinal));
        Assert.True(isAnswered, $"{ping.Output}\n{from.Name}:\n{from.Process.Log}");
    }

    private static void GiveKey(TestPeer sender, TestPeer receiver, int aesBits)
    {
        string key = TunnelPair.RandomKey(aesBits / 8);
        sender.Conf["enc_out"] = key;
        receiver.Conf["enc_in"] = key;
    }

    private static uint SpiOf(TestPeer sender) => Convert.ToUInt32(EspKeys.OutboundOf(sender).Spi, 16);
}
