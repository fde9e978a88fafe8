using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using NatT.Esp;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.Configuration;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>Keys change while packets go: none is lost, whichever end learns of the new ones first, and however much later the other.</summary>
public sealed class RekeyTests
{
    private const string Aead = "aes-gcm-16";

    private ushort _mark;

    public static TheoryData<string, bool, int> Rotations => new()
    {
        { "aes-cbc-hmac-sha256", true, 0 },
        { "aes-cbc-hmac-sha256", false, 0 },
        { "aes-cbc-hmac-sha256", true, 240 },
        { "aes-cbc-hmac-sha256", false, 240 },
        { Aead, true, 30 },
        { Aead, false, 0 },
    };

    [Theory]
    [MemberData(nameof(Rotations))]
    public void No_packet_is_lost_whichever_end_is_reloaded_first(string suite, bool aIsFirst, int secondsBetween)
    {
        using TunnelLab lab = Start(suite);
        (TunnelEnd first, TunnelEnd second) = aIsFirst ? (lab.A, lab.B) : (lab.B, lab.A);

        Assert.Contains("next keys", Assert.Single(first.Reload(Conf(lab, first, suite, 1, next: 2))), StringComparison.Ordinal);
        Stream(lab, Math.Max(1, secondsBetween));
        Assert.Equal([KeyUse.Current, KeyUse.Next], Uses(first));
        Assert.True(second.Inbound.Counters.Drops(DropReason.UnknownSpi) >= secondsBetween - 1, "the next SA was not probed every second");
        second.Reload(Conf(lab, second, suite, 1, next: 2));
        Stream(lab, 5);

        Assert.All([lab.A, lab.B], end => Assert.Equal(Spi(lab, end, 2), end.Peer.Outbound.Parameters.Spi));
        Assert.All([lab.A, lab.B], end => Assert.Equal([KeyUse.Current, KeyUse.Retiring], Uses(end)));
        Assert.All([lab.A, lab.B], end => Assert.Equal(0, end.Peer.Inbound.Missing));
        AssertNoNonceCameTwice(lab);
    }

    [Theory]
    [InlineData("aes-cbc-hmac-sha256")]
    [InlineData(Aead)]
    public void Promoted_keys_go_on_as_they_are(string suite)
    {
        using TunnelLab lab = Start(suite);
        Rotate(lab, suite, 1, 2);
        Peer before = lab.A.Roster.Table.Peers[0];
        ulong next = lab.A.Peer.Outbound.Sequence.Next;

        Assert.Empty(lab.A.Reload(Conf(lab, lab.A, suite, 2)));
        Assert.Empty(lab.B.Reload(Conf(lab, lab.B, suite, 2)));

        Assert.Same(before, lab.A.Roster.Table.Peers[0]);
        Assert.Equal(next, lab.A.Peer.Outbound.Sequence.Next);
        Stream(lab, 2);
    }

    [Fact]
    public void Keys_change_again_and_again_in_one_process()
    {
        using TunnelLab lab = Start(Aead);
        for (int keys = 1; keys < 6; keys++)
        {
            Rotate(lab, Aead, keys, keys + 1);
            Assert.Empty(lab.A.Reload(Conf(lab, lab.A, Aead, keys + 1)));
            Assert.Empty(lab.B.Reload(Conf(lab, lab.B, Aead, keys + 1)));
        }

        AssertNoNonceCameTwice(lab);
    }

    [Fact]
    public void Old_keys_end_once_nothing_came_under_them_for_a_minute()
    {
        using TunnelLab lab = Start("aes-cbc-hmac-sha256");
        Peer old = lab.A.Peer;
        Rotate(lab, "aes-cbc-hmac-sha256", 1, 2);

        Stream(lab, 50);
        Assert.Equal([KeyUse.Current, KeyUse.Retiring], Uses(lab.A));
        Stream(lab, 15);

        Assert.Equal([KeyUse.Current], Uses(lab.A));
        Assert.Null(lab.A.Roster.Table.FindBySpi(old.Inbound.Parameters.Spi));
        Assert.True(lab.A.Roster.IsSettled);
        Assert.True(old.Outbound.IsEnding);
        Stream(lab, 2);
    }

    [Fact]
    public void Old_keys_end_after_the_time_that_the_conf_gives_them()
    {
        using TunnelLab lab = Start("aes-cbc-hmac-sha256");
        lab.A.Reload(Conf(lab, lab.A, "aes-cbc-hmac-sha256", 1, next: 2, "retire_after = 10"));
        lab.B.Reload(Conf(lab, lab.B, "aes-cbc-hmac-sha256", 1, next: 2));
        Stream(lab, 4);
        Assert.Equal([KeyUse.Current, KeyUse.Retiring], Uses(lab.A));

        Stream(lab, 10);

        Assert.Equal([KeyUse.Current], Uses(lab.A));
        Assert.Equal([KeyUse.Current, KeyUse.Retiring], Uses(lab.B));
    }

    [Fact]
    public void Packet_sent_under_the_old_keys_and_late_is_still_taken()
    {
        using TunnelLab lab = Start("aes-cbc-hmac-sha256");
        lab.Network.Passes = _ => false;
        byte[] late = Push(lab.B, EndConf.InnerB, EndConf.InnerA);
        lab.Settle();
        Datagram held = lab.Network.Recorded[^1];
        lab.Network.Passes = null;
        Rotate(lab, "aes-cbc-hmac-sha256", 1, 2);
        Stream(lab, 30);

        lab.Replay([held]);

        Assert.Single(lab.A.Device.Delivered, packet => packet.AsSpan().SequenceEqual(late));
        lab.Replay([held]);
        Assert.Single(lab.A.Device.Delivered, packet => packet.AsSpan().SequenceEqual(late));
    }

    [Fact]
    public void Endpoint_and_liveness_outlast_the_keys()
    {
        using TunnelLab lab = Start("aes-cbc-hmac-sha256");
        PeerMonitor monitor = lab.A.Peer.Monitor;
        Rotate(lab, "aes-cbc-hmac-sha256", 1, 2);

        Assert.Same(monitor, lab.A.Peer.Monitor);
        Assert.True(monitor.IsUp);
        Assert.DoesNotContain(lab.A.Logger.Lines(LogLevel.Warning), line => line.Contains("is lost", StringComparison.Ordinal));
        Assert.Single(lab.A.Logger.Lines(LogLevel.Information), line => line.Contains("was heard under its next keys", StringComparison.Ordinal));
    }

    [Fact]
    public void Next_keys_that_are_taken_back_leave_traffic_where_it_is()
    {
        using TunnelLab lab = Start("aes-cbc-hmac-sha256");
        lab.A.Reload(Conf(lab, lab.A, "aes-cbc-hmac-sha256", 1, next: 2));
        Stream(lab, 3);

        Assert.Contains("taken back", Assert.Single(lab.A.Reload(Conf(lab, lab.A, "aes-cbc-hmac-sha256", 1))), StringComparison.Ordinal);

        Stream(lab, 3);
        Assert.Equal(Spi(lab, lab.A, 1), lab.A.Peer.Outbound.Parameters.Spi);
        Assert.Equal([KeyUse.Current, KeyUse.Retiring], Uses(lab.A));
    }

    [Fact]
    public void Both_pairs_are_there_after_a_restart_in_between()
    {
        using TunnelLab lab = Start(Aead);
        lab.A.Reload(Conf(lab, lab.A, Aead, 1, next: 2));
        Stream(lab, 2);
        lab.A.Restart();
        lab.ExchangeProbes();
        Assert.Equal([KeyUse.Current, KeyUse.Next], Uses(lab.A));

        lab.B.Reload(Conf(lab, lab.B, Aead, 1, next: 2));
        Stream(lab, 4);

        Assert.All([lab.A, lab.B], end => Assert.Equal(Spi(lab, end, 2), end.Peer.Outbound.Parameters.Spi));
        AssertNoNonceCameTwice(lab);
    }

    [Fact]
    public void An_answer_under_the_next_keys_does_not_move_back_a_window_of_theirs()
    {
        using TunnelLab lab = Start("aes-cbc-hmac-sha256");
        Rotate(lab, "aes-cbc-hmac-sha256", 1, 2);
        Datagram[] recorded = [.. lab.Network.Recorded];
        int delivered = lab.A.Device.Delivered.Count;

        lab.Replay(recorded);
        Stream(lab, 2);
        int fresh = lab.A.Device.Delivered.Count;
        lab.Replay(recorded);

        Assert.Equal(fresh, lab.A.Device.Delivered.Count);
        Assert.True(fresh > delivered);
    }

    [Fact]
    public void Peers_are_added_and_removed_beside_one_that_goes_on()
    {
        using TunnelLab lab = Start("aes-cbc-hmac-sha256");
        PeerConf other = Other("10.9.0.1", "0x00009901");
        Peer stays = lab.A.Roster.Table.Peers[0];

        Assert.Equal(["peer other: added"], lab.A.Reload(Conf(lab, lab.A, "aes-cbc-hmac-sha256", 1), other));
        Stream(lab, 1);
        Assert.Equal(2, lab.A.Roster.Table.Peers.Length);
        Assert.Same(stays, lab.A.Roster.Table.Peers[0]);

        PeerConf changed = Other("10.9.0.2", "0x00009901");
        Assert.Equal(["peer other: changed"], lab.A.Reload(Conf(lab, lab.A, "aes-cbc-hmac-sha256", 1), changed));
        Stream(lab, 1);
        Peer second = lab.A.Roster.Table.Peers[1];
        Assert.Equal("10.9.0.2/32", $"{Assert.Single(second.Selector.Remote)}");

        Assert.Equal(["peer other: removed"], lab.A.Reload(Conf(lab, lab.A, "aes-cbc-hmac-sha256", 1)));
        Stream(lab, 1);
        Assert.Single(lab.A.Roster.Table.Peers);
        Assert.True(second.Outbound.IsEnding);
        Assert.True(lab.A.Roster.IsSettled);

        Assert.Equal(["peer other: added"], lab.A.Reload(Conf(lab, lab.A, "aes-cbc-hmac-sha256", 1), Other("10.9.0.1", "0x00009901")));
        Stream(lab, 1);
    }

    [Fact]
    public void Timers_change_and_nothing_known_of_the_peer_is_lost()
    {
        using TunnelLab lab = Start("aes-cbc-hmac-sha256");
        PeerMonitor monitor = lab.A.Peer.Monitor;

        Assert.Equal(["peer p: changed"], lab.A.Reload(Conf(lab, lab.A, "aes-cbc-hmac-sha256", 1, null, "dpd_interval = 2", "keepalive = 5")));

        Stream(lab, 1);
        Assert.Same(monitor, lab.A.Peer.Monitor);
        lab.Network.Passes = _ => false;
        lab.Advance(TimeSpan.FromSeconds(8));
        Assert.False(monitor.IsUp);
    }

    [Fact]
    public void What_holds_for_the_process_is_refused_by_name()
    {
        using TunnelLab lab = Start("aes-cbc-hmac-sha256");
        Peer before = lab.A.Roster.Table.Peers[0];

        IReadOnlyList<string> said = lab.A.Reload(Conf(lab, lab.A, "aes-cbc-hmac-sha256", 1, null, "tun_name = natt7"));

        string line = Assert.Single(said);
        Assert.Matches(@"^p\.conf:\d+: tun_name: cannot change while natt-tun runs, and it runs with natt0, write that, or restart natt-tun$", line);
        Assert.Same(before, lab.A.Roster.Table.Peers[0]);
    }

    [Fact]
    public void Another_window_for_the_same_keys_is_refused()
    {
        using TunnelLab lab = Start("aes-cbc-hmac-sha256");

        IReadOnlyList<string> said = lab.A.Reload(Conf(lab, lab.A, "aes-cbc-hmac-sha256", 1, null, "replay_window = 64"));

        Assert.Matches(@"^p\.conf:\d+: replay_window: cannot change while the keys are in use, write what it was", Assert.Single(said));
    }

    private static PeerConf Other(string remote, string spi) => ConfText.ParseGood(
        $"""
        local_private_ip = {EndConf.InnerA}
        remote_private_ip = {remote}
        spi_id = {spi}
        enc_in = 0x{new string('7', 32)}
        enc_out = 0x{new string('8', 31)}9
        auth_in = 0x{new string('5', 31)}1
        auth_out = 0x{new string('6', 31)}2
        """) is PeerConf conf ? conf with { Name = "other", File = "other.conf" } : throw new InvalidOperationException();

    private static TunnelLab Start(string suite)
    {
        var lab = new TunnelLab();
        lab.A.Reload(Conf(lab, lab.A, suite, 1));
        lab.Settle();
        lab.A.Tick();
        lab.B.Reload(Conf(lab, lab.B, suite, 1));
        lab.ExchangeProbes();
        lab.Advance(TimeSpan.FromSeconds(70));
        Assert.All([lab.A, lab.B], end => Assert.Equal([KeyUse.Current], Uses(end)));
        lab.Network.Recorded.Clear();
        return lab;
    }

    private void Rotate(TunnelLab lab, string suite, int from, int to)
    {
        lab.A.Reload(Conf(lab, lab.A, suite, from, next: to));
        Stream(lab, 3);
        lab.B.Reload(Conf(lab, lab.B, suite, from, next: to));
        Stream(lab, 3);
        Assert.All([lab.A, lab.B], end => Assert.Equal(Spi(lab, end, to), end.Peer.Outbound.Parameters.Spi));
    }

    /// <summary>Ten packets a second each way; all must come out, each once.</summary>
    private void Stream(TunnelLab lab, int seconds)
    {
        List<byte[]> toA = [];
        List<byte[]> toB = [];
        for (int i = 0; i < 10 * seconds; i++)
        {
            toB.Add(Push(lab.A, EndConf.InnerA, EndConf.InnerB));
            toA.Add(Push(lab.B, EndConf.InnerB, EndConf.InnerA));
            lab.Advance(TimeSpan.FromMilliseconds(100));
        }

        AssertDelivered(lab.A, toA);
        AssertDelivered(lab.B, toB);
    }

    private byte[] Push(TunnelEnd from, string source, string destination)
    {
        byte[] packet = InnerPackets.Udp(source, destination, 100);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(packet.Length - 2), ++_mark);
        from.Device.Push(packet);
        return packet;
    }

    private static void AssertDelivered(TunnelEnd end, List<byte[]> packets)
    {
        ILookup<string, byte[]> delivered = end.Device.Delivered.ToLookup(Convert.ToHexString);
        Assert.All(packets, packet => Assert.Single(delivered[Convert.ToHexString(packet)]));
    }

    private static KeyUse[] Uses(TunnelEnd end) =>
        [.. end.Roster.Table.Peers[0].Rotation?.Uses.Select(use => use.Use) ?? [KeyUse.Current]];

    /// <summary>SPI and number of each ESP packet there was, which make the nonce.</summary>
    private static void AssertNoNonceCameTwice(TunnelLab lab)
    {
        var seen = new HashSet<string>();
        foreach (Datagram datagram in lab.Network.Recorded.Where(datagram => datagram.Octets.Length > 16))
        {
            int start = datagram.Octets.AsSpan(0, 8).IndexOfAnyExcept((byte)0) < 0 ? 8 : 0;
            Assert.True(seen.Add(Convert.ToHexString(datagram.Octets.AsSpan(start, 8))), "a number came twice under one SPI");
        }
    }

    private static uint Spi(TunnelLab lab, TunnelEnd sender, int keys) => (uint)(0x1000 * keys) + (sender == lab.A ? 0xaU : 0xbU);

    private static PeerConf Conf(TunnelLab lab, TunnelEnd end, string suite, int keys, int? next = null, params string[] lines)
    {
        TunnelEnd other = end == lab.A ? lab.B : lab.A;
        List<string> all = [.. Keys("", suite, Spi(lab, end, keys), Spi(lab, other, keys)), .. lines];
        if (next is int number)
        {
            all.AddRange(Keys("next_", suite, Spi(lab, end, number), Spi(lab, other, number)));
        }

        (string local, string remote) = end == lab.A ? (EndConf.InnerA, EndConf.InnerB) : (EndConf.InnerB, EndConf.InnerA);
        return ConfText.ParseGood($"local_private_ip = {local}\nremote_private_ip = {remote}\nsuite = {suite}\n{string.Join('\n', all)}");
    }

    /// <summary>The keys follow from the SPI.</summary>
    private static string[] Keys(string prefix, string suite, uint spiOut, uint spiIn)
    {
        int octets = suite == Aead ? 20 : 16;
        string[] both = [$"{prefix}spi_out = 0x{spiOut:x8}", $"{prefix}spi_in = 0x{spiIn:x8}",
            $"{prefix}enc_out = 0x{Key(spiOut, octets)}", $"{prefix}enc_in = 0x{Key(spiIn, octets)}"];
        return suite == Aead ? both : [.. both, $"{prefix}auth_out = 0x{Key(~spiOut, 32)}", $"{prefix}auth_in = 0x{Key(~spiIn, 32)}"];
    }

    private static string Key(uint seed, int octets) => string.Concat(Enumerable.Repeat($"{seed:x8}", 8))[..(2 * octets)];
}
