using NatT.Esp;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>Ends come back from every kind of restart, and a recording of the session before it gets nowhere.</summary>
public sealed class RestartTests
{
    private static readonly OuterEndpoint Eavesdropper = new(IpAddress.Parse("203.0.113.66"), 4500);

    private static readonly OuterEndpoint Elsewhere = new(IpAddress.Parse("192.0.2.99"), 31000);

    public enum Restart
    {
        CleanStop,
        Kill,
        Reboot,
        LoseRecords,
    }

    public static TheoryData<Restart> Restarts => [.. Enum.GetValues<Restart>()];

    public static TheoryData<Restart, Restart> RestartsOfBoth
    {
        get
        {
            var pairs = new TheoryData<Restart, Restart>();
            foreach (Restart a in Enum.GetValues<Restart>())
            {
                foreach (Restart b in Enum.GetValues<Restart>())
                {
                    pairs.Add(a, b);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Restarts))]
    public void Traffic_flows_again_after_one_end_restarted(Restart restart)
    {
        using TunnelLab lab = WithTraffic();

        Apply(restart, lab.B);
        lab.ExchangeProbes();

        AssertTrafficBothWays(lab);
    }

    [Theory]
    [MemberData(nameof(RestartsOfBoth))]
    public void Traffic_flows_again_after_both_ends_restarted(Restart restartOfA, Restart restartOfB)
    {
        using TunnelLab lab = WithTraffic();

        Apply(restartOfA, lab.A);
        Apply(restartOfB, lab.B);
        lab.ExchangeProbes();

        AssertTrafficBothWays(lab);
    }

    [Theory]
    [InlineData(Restart.CleanStop)]
    [InlineData(Restart.Kill)]
    public void A_process_of_the_same_boot_receives_at_once(Restart restart)
    {
        using TunnelLab lab = WithTraffic();

        Apply(restart, lab.B);

        Assert.True(lab.Carries(lab.A, lab.B));
    }

    [Theory]
    [MemberData(nameof(Restarts))]
    public void The_recorded_session_is_worth_nothing_before_the_restarted_end_has_a_fresh_answer(Restart restart)
    {
        using TunnelLab lab = WithTraffic();
        Apply(restart, lab.B);
        Datagram[] session = ToB(lab);
        bool wasSynchronised = lab.B.Peer.Inbound.IsSynchronised;
        ulong top = lab.B.Peer.Inbound.Top;

        lab.Replay(session);
        lab.Replay(session.Select(datagram => datagram with { From = Eavesdropper }));

        Assert.Empty(lab.B.Device.Delivered);
        Assert.Equal(wasSynchronised, lab.B.Peer.Inbound.IsSynchronised);
        Assert.Equal(top, lab.B.Peer.Inbound.Top);
        Assert.Equal(EndConf.OuterA, lab.B.Peer.Monitor.Route.Endpoint);
        lab.ExchangeProbes();
        AssertTrafficBothWays(lab);
    }

    [Theory]
    [MemberData(nameof(Restarts))]
    public void The_recorded_session_is_worth_nothing_after_the_restarted_end_had_a_fresh_answer(Restart restart)
    {
        using TunnelLab lab = WithTraffic();
        Apply(restart, lab.B);
        Datagram[] session = ToB(lab);
        lab.ExchangeProbes();
        Assert.True(lab.B.Peer.Inbound.IsSynchronised);
        ulong top = lab.B.Peer.Inbound.Top;
        int delivered = lab.B.Device.Delivered.Count;

        lab.Replay(session);
        lab.Replay(session.Select(datagram => datagram with { From = Eavesdropper }));

        Assert.Equal(delivered, lab.B.Device.Delivered.Count);
        Assert.Equal(top, lab.B.Peer.Inbound.Top);
        Assert.Equal(EndConf.OuterA, lab.B.Peer.Monitor.Route.Endpoint);
        AssertTrafficBothWays(lab);
    }

    [Theory]
    [MemberData(nameof(Restarts))]
    public void An_end_whose_far_side_restarted_takes_nothing_of_the_recorded_session(Restart restart)
    {
        using TunnelLab lab = WithTraffic();
        Datagram[] session = ToB(lab);
        Apply(restart, lab.A);
        int delivered = lab.B.Device.Delivered.Count;
        ulong top = lab.B.Peer.Inbound.Top;

        lab.Replay(session);

        Assert.Equal(delivered, lab.B.Device.Delivered.Count);
        Assert.Equal(top, lab.B.Peer.Inbound.Top);
    }

    [Fact]
    public void Replays_reset_nothing_however_many_probes_they_cause_while_the_answers_are_kept_back()
    {
        using TunnelLab lab = WithTraffic();
        Datagram[] session = ToB(lab);
        lab.A.LoseRecords();
        lab.Network.Passes = datagram => datagram.From != EndConf.OuterA;
        ulong top = lab.B.Peer.Inbound.Top;
        int delivered = lab.B.Device.Delivered.Count;

        for (int i = 0; i < 8; i++)
        {
            lab.Replay(session);
            lab.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(delivered, lab.B.Device.Delivered.Count);
        Assert.Equal(top, lab.B.Peer.Inbound.Top);
    }

    [Fact]
    public void A_lower_number_resets_the_window_with_the_first_fresh_answer()
    {
        using TunnelLab lab = WithTraffic();
        lab.A.LoseRecords();
        ulong top = lab.B.Peer.Inbound.Top;

        Assert.False(lab.Carries(lab.A, lab.B));
        lab.ExchangeProbes();

        Assert.True(lab.B.Peer.Inbound.Top < top);
        AssertTrafficBothWays(lab);
    }

    [Fact]
    public void An_end_that_lost_its_records_and_its_address_is_found_again()
    {
        using TunnelLab lab = WithTraffic();
        lab.A.LoseRecords();
        lab.A.MoveTo(Elsewhere);

        lab.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(Elsewhere, lab.B.Peer.Monitor.Route.Endpoint);
        AssertTrafficBothWays(lab);
    }

    [Fact]
    public void Two_unsynchronised_ends_synchronise_each_other()
    {
        using var lab = new TunnelLab();
        Assert.False(lab.A.Peer.Inbound.IsSynchronised);
        Assert.False(lab.B.Peer.Inbound.IsSynchronised);

        lab.A.Tick();
        lab.B.Tick();
        lab.Settle();

        Assert.True(lab.A.Peer.Inbound.IsSynchronised);
        Assert.True(lab.B.Peer.Inbound.IsSynchronised);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_unsynchronised_ends_synchronise_each_other_where_one_waits_to_be_found(bool aIsFirst)
    {
        using var lab = new TunnelLab(aKnowsB: aIsFirst, bKnowsA: !aIsFirst);

        lab.ExchangeProbes();

        AssertTrafficBothWays(lab);
    }

    [Fact]
    public void Two_unsynchronised_ends_synchronise_where_each_probes_another_address_of_the_other()
    {
        using var lab = new TunnelLab(a: [$"dpd_target = {EndConf.InnerB6}"], b: [$"dpd_target = {EndConf.InnerA}"]);

        lab.A.Tick();
        lab.B.Tick();
        lab.Settle();

        Assert.True(lab.A.Peer.Inbound.IsSynchronised);
        Assert.True(lab.B.Peer.Inbound.IsSynchronised);
    }

    [Fact]
    public void An_unsynchronised_end_answers_requests_one_for_one_to_where_they_came_from()
    {
        using var lab = new TunnelLab();
        using var sealer = new Sealer();
        byte[] request = sealer.Seal(7, InnerPackets.EchoRequest(EndConf.InnerA, EndConf.InnerB, new byte[16]));
        byte[] data = sealer.Seal(8, InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100));

        lab.Replay(new[] { request, request, data }.Select(octets => new Datagram(Eavesdropper, EndConf.OuterB, octets)));

        Datagram[] answers = [.. lab.Network.Recorded];
        Assert.Equal(2, answers.Length);
        Assert.All(answers, answer => Assert.Equal((Eavesdropper, request.Length), (answer.To, answer.Octets.Length)));
        Assert.Empty(lab.B.Device.Delivered);
        Assert.Equal(3, lab.B.InboundDrops(DropReason.Unsynchronised));
    }

    [Fact]
    public void The_durable_mark_serves_where_the_far_side_answers_no_probe()
    {
        using TunnelLab lab = WithTraffic();
        Datagram[] session = ToB(lab);
        lab.B.Reboot();
        lab.A.Device.AnswersEcho = false;

        Assert.False(lab.Carries(lab.A, lab.B));
        lab.Advance(TimeSpan.FromSeconds(4));
        SkipAheadOfMark(lab);

        Assert.True(lab.Carries(lab.A, lab.B));
        int delivered = lab.B.Device.Delivered.Count;
        lab.Replay(session);
        Assert.Equal(delivered, lab.B.Device.Delivered.Count);
    }

    [Fact]
    public void A_host_that_was_down_while_its_far_side_moved_on_trusts_no_number_of_before()
    {
        using TunnelLab lab = WithTraffic();
        lab.B.Reboot();
        lab.Network.Passes = datagram => datagram.To != EndConf.OuterB;
        Assert.False(lab.Carries(lab.A, lab.B));
        Datagram kept = lab.Network.Recorded[^1];
        lab.Network.Passes = null;
        lab.ExchangeProbes();

        lab.Replay([kept]);

        Assert.True(lab.B.InboundDrops(DropReason.TooOld) + lab.B.InboundDrops(DropReason.Replayed) > 0);
    }

    private static TunnelLab WithTraffic()
    {
        TunnelLab lab = TunnelLab.Established();
        for (int i = 0; i < 100; i++)
        {
            lab.A.Device.Push(InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 90));
            lab.B.Device.Push(InnerPackets.Udp(EndConf.InnerB, EndConf.InnerA, 90));
        }

        lab.Settle();
        Assert.True(lab.Carries(lab.A, lab.B));
        return lab;
    }

    private static Datagram[] ToB(TunnelLab lab) => [.. lab.Network.Recorded.Where(datagram => datagram.To == EndConf.OuterB)];

    /// <summary>The mark leads the numbers, so that many packets are lost before one lies above it.</summary>
    private static void SkipAheadOfMark(TunnelLab lab)
    {
        for (int i = 0; i < 1000 && !lab.Carries(lab.A, lab.B); i++)
        {
        }
    }

    private static void AssertTrafficBothWays(TunnelLab lab)
    {
        Assert.True(lab.Carries(lab.A, lab.B));
        Assert.True(lab.Carries(lab.B, lab.A));
    }

    private static void Apply(Restart restart, TunnelEnd end)
    {
        switch (restart)
        {
            case Restart.CleanStop:
                end.Restart();
                break;
            case Restart.Kill:
                end.Kill();
                break;
            case Restart.Reboot:
                end.Reboot();
                break;
            default:
                end.LoseRecords();
                break;
        }
    }
}
