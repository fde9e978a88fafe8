using System.Text.Json;
using NatT.Tunnel.Control;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.Control;

public sealed class StatusReporterTests : IDisposable
{
    private readonly ControlLab _lab = new("espmode = espinudp-nonike", "dpd_interval = 2");

    private TunnelLab Tunnel => _lab.Tunnel;

    [Fact]
    public void Before_anything_was_heard_the_peer_is_never_heard()
    {
        PeerStatus peer = _lab.PeerStatus;

        Assert.Equal(PeerStatus.NeverHeard, peer.State);
        Assert.Null(peer.LastHeardSeconds);
        Assert.Null(peer.RttMs);
        Assert.Equal("198.51.100.2:1100", peer.Endpoint);
    }

    [Fact]
    public void Peer_that_answers_is_up_and_was_heard_when_its_answer_came()
    {
        Tunnel.ExchangeProbes();
        double before = Assert.NotNull(_lab.PeerStatus.LastHeardSeconds);
        Tunnel.Time.Advance(TimeSpan.FromSeconds(1.5));

        PeerStatus peer = _lab.PeerStatus;

        Assert.Equal(PeerStatus.Up, peer.State);
        Assert.Equal(before + 1.5, Assert.NotNull(peer.LastHeardSeconds), precision: 3);
        Assert.Equal("espinudp-nonike", peer.Framing);
        Assert.Equal("aes-cbc-hmac-sha256", peer.Suite);
    }

    [Fact]
    public void Round_trip_is_the_time_from_the_probe_to_its_answer()
    {
        Tunnel.A.Tick();
        Tunnel.Time.Advance(TimeSpan.FromMilliseconds(12));
        Tunnel.Settle();

        Assert.Equal(12, _lab.PeerStatus.RttMs);
    }

    [Fact]
    public void Peer_that_stays_silent_is_lost_and_keeps_when_it_was_heard()
    {
        Tunnel.ExchangeProbes();
        Tunnel.Network.Passes = _ => false;
        Tunnel.Advance(TimeSpan.FromSeconds(10));

        PeerStatus peer = _lab.PeerStatus;

        Assert.Equal(PeerStatus.Lost, peer.State);
        Assert.InRange(Assert.NotNull(peer.LastHeardSeconds), 9, 14);
    }

    [Fact]
    public void Packets_and_octets_are_those_of_the_inner_packets()
    {
        Tunnel.ExchangeProbes();
        PeerStatus before = _lab.PeerStatus;
        byte[] packet = InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100, mark: 1);
        Tunnel.A.Device.Push(packet);
        Tunnel.Settle();

        PeerStatus after = _lab.PeerStatus;

        Assert.Equal(before.Out.Packets + 1, after.Out.Packets);
        Assert.Equal(before.Out.Octets + packet.Length, after.Out.Octets);
        Assert.Equal(before.In.Packets, after.In.Packets);
    }

    [Fact]
    public void Rates_are_of_the_time_between_two_samples()
    {
        Tunnel.ExchangeProbes();
        _lab.Reporter.SampleRates();
        byte[] packet = InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100, mark: 1);
        for (int i = 0; i < 6; i++)
        {
            Tunnel.A.Device.Push(packet);
        }

        Tunnel.Settle();
        Tunnel.Time.Advance(TimeSpan.FromSeconds(2));
        _lab.Reporter.SampleRates();

        TrafficStatus leaving = _lab.PeerStatus.Out;

        Assert.Equal(3, leaving.PacketsPerSecond);
        Assert.Equal(3 * 8 * packet.Length, leaving.BitsPerSecond);
    }

    [Fact]
    public void Drops_are_counted_where_they_belong()
    {
        Tunnel.ExchangeProbes();
        Tunnel.A.Device.Push(InnerPackets.Udp(EndConf.InnerA, "203.0.113.9", 100, mark: 1));
        Tunnel.Settle();
        Datagram[] arrived = [.. Tunnel.Network.Recorded.Where(datagram => datagram.To == EndConf.OuterA)];
        Tunnel.Replay(arrived[^1..]);

        StatusReport report = _lab.Reporter.Report();

        Assert.Equal(1, report.DropsOut["NoPeer"]);
        Assert.Empty(report.DropsIn);
        Assert.Equal(1, Assert.Single(report.Peers).In.Drops["Replayed"]);
    }

    [Fact]
    public void Packets_that_the_network_lost_are_missing_once_a_later_one_comes()
    {
        Tunnel.ExchangeProbes();
        byte[] packet = InnerPackets.Udp(EndConf.InnerB, EndConf.InnerA, 100, mark: 1);
        Tunnel.Network.Passes = _ => false;
        for (int i = 0; i < 7; i++)
        {
            Tunnel.B.Device.Push(packet);
        }

        Tunnel.Settle();
        Assert.Equal(0, _lab.PeerStatus.In.Missing);
        Tunnel.Network.Passes = _ => true;
        Assert.True(Tunnel.Carries(Tunnel.B, Tunnel.A));

        Assert.Equal(7, _lab.PeerStatus.In.Missing);
        Assert.Null(_lab.PeerStatus.Out.Missing);
    }

    [Fact]
    public void Last_numbers_are_those_that_the_other_end_sees()
    {
        Assert.Equal((0ul, (ulong?)null), (_lab.PeerStatus.Out.LastNumber, _lab.PeerStatus.In.LastNumber));
        Tunnel.ExchangeProbes();
        ulong sent = Assert.NotNull(_lab.PeerStatus.Out.LastNumber);

        Assert.InRange(sent, 1ul, 100ul);
        Assert.Equal(Tunnel.B.Peer.Inbound.Top, sent);
        Assert.Equal(Tunnel.B.Peer.Outbound.Sequence.Next - 1, _lab.PeerStatus.In.LastNumber);
    }

    /// <summary>Programs read these names: none may change, and what is new must be documented.</summary>
    [Fact]
    public void Names_in_JSON_are_the_documented_ones()
    {
        string json = JsonSerializer.Serialize(_lab.Reporter.Report(), ControlJson.Default.StatusReport);

        using var report = JsonDocument.Parse(json);
        JsonElement peer = report.RootElement.GetProperty("peers")[0];
        Assert.Equal(["device", "pid", "listening", "uptime_seconds", "system_call_filter", "peers", "drops_in", "drops_out"], NamesOf(report.RootElement));
        Assert.Equal(["name", "state", "endpoint", "framing", "suite", "mode", "keys", "last_heard_seconds", "rtt_ms", "mtu", "in", "out"], NamesOf(peer));
        string[] outNames = ["packets", "octets", "packets_per_second", "bits_per_second", "last_number", "drops"];
        Assert.Equal(outNames, NamesOf(peer.GetProperty("out")));
        Assert.Equal([.. outNames[..^1], "missing", outNames[^1]], NamesOf(peer.GetProperty("in")));
        Assert.Equal(JsonValueKind.Null, peer.GetProperty("rtt_ms").ValueKind);
    }

    public void Dispose() => _lab.Dispose();

    private static IEnumerable<string> NamesOf(JsonElement element) => element.EnumerateObject().Select(property => property.Name);
}
