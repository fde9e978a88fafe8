using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Tests.Peers;

public sealed class PathMtuTests
{
    private const int Assumed = 1422;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(10);

    private readonly PathMtu _path = new();
    private readonly List<(TimeSpan At, int Size)> _probes = [];
    private TimeSpan _now = TimeSpan.FromHours(1);
    private ProbeAnswer? _witness;
    private bool _answersShortProbes = true;

    [Fact]
    public void Nothing_is_asked_before_the_interfaces_MTU_is_known()
    {
        Run(TimeSpan.FromHours(1), carries: 9000);

        Assert.Empty(_probes);
        Assert.Equal(int.MaxValue, _path.Limit);
    }

    [Fact]
    public void A_path_that_carries_all_is_asked_once_and_again_every_ten_minutes()
    {
        _path.Assume(Assumed);

        Run(TimeSpan.FromMinutes(35), carries: Assumed);

        Assert.Equal([Assumed, Assumed, Assumed, Assumed], _probes.Select(p => p.Size));
        Assert.Equal(Assumed, _path.Limit);
    }

    [Theory]
    [InlineData(Assumed - 1, 1406)]
    [InlineData(1230, 1230)]
    [InlineData(1245, 1230)]
    [InlineData(1198, 1198)]
    [InlineData(1182, 1182)]
    [InlineData(1181, 1166)]
    [InlineData(600, 590)]
    [InlineData(100, PathMtu.Floor)]
    public void A_narrower_path_is_found_out_within_seconds(int carries, int expected)
    {
        _path.Assume(Assumed);
        TimeSpan start = _now;
        TimeSpan? foundAt = null;

        Run(TimeSpan.FromSeconds(30), carries, () => foundAt ??= _path.Limit == expected ? _now - start : null);

        Assert.Equal(expected, _path.Limit);
        Assert.True(foundAt < TimeSpan.FromSeconds(carries >= PathMtu.Usual ? 10 : 15), $"{foundAt}");
    }

    [Fact]
    public void Size_probes_keep_a_second_apart()
    {
        _path.Assume(Assumed);

        Run(TimeSpan.FromMinutes(30), carries: 1000, () => _path.TryCheckAgain(_now, PathMtu.RefusalPeriod));

        Assert.True(_probes.Count > 10);
        Assert.All(_probes.Zip(_probes.Skip(1)), pair => Assert.True(pair.Second.At - pair.First.At >= PathMtu.Spacing));
    }

    [Fact]
    public void Two_lost_probes_in_a_row_change_nothing()
    {
        _path.Assume(Assumed);

        Run(TimeSpan.FromMinutes(5), carries: Assumed, lost: 2);

        Assert.Equal(3, _probes.Count);
        Assert.Equal(Assumed, _path.Limit);
    }

    [Fact]
    public void A_peer_that_answers_nothing_keeps_the_interfaces_MTU()
    {
        _path.Assume(Assumed);
        _answersShortProbes = false;

        Run(TimeSpan.FromMinutes(5), carries: 0);

        Assert.Equal(Assumed, _path.Limit);
        Assert.All(_probes, probe => Assert.Equal(Assumed, probe.Size));
        Assert.InRange(_probes.Count, 1, PathMtu.Tries);
    }

    [Fact]
    public void A_chance_loss_in_the_search_is_made_good()
    {
        _path.Assume(Assumed);
        bool wasLost = false;

        Run(TimeSpan.FromSeconds(30), size => size <= 1310 && (size != 1294 || !(wasLost = !wasLost)));

        Assert.Equal(1310, _path.Limit);
    }

    [Theory]
    [InlineData(Assumed)]
    [InlineData(1326)]
    [InlineData(1246)]
    public void A_path_that_got_wider_is_used_after_ten_minutes(int carries)
    {
        _path.Assume(Assumed);
        Run(TimeSpan.FromSeconds(30), carries: 1230);

        Run(PathMtu.Period + TimeSpan.FromSeconds(30), carries);

        Assert.Equal(carries, _path.Limit);
    }

    [Fact]
    public void An_interface_that_lets_more_pass_is_believed_at_once()
    {
        _path.Assume(1310);
        Run(TimeSpan.FromSeconds(30), carries: 1310);

        _path.Assume(Assumed);

        Assert.Equal(Assumed, _path.Limit);
    }

    [Fact]
    public void A_path_narrower_than_an_interface_that_lets_more_pass_is_asked_before_it_is_used()
    {
        _path.Assume(1310);
        Run(TimeSpan.FromSeconds(30), carries: 1230);

        _path.Assume(Assumed);
        Assert.Equal(1230, _path.Limit);

        Run(TimeSpan.FromSeconds(30), carries: Assumed);
        Assert.Equal(Assumed, _path.Limit);
    }

    [Fact]
    public void After_the_interface_changed_the_far_ends_may_follow_a_minute_later()
    {
        _path.Assume(1310);
        Run(TimeSpan.FromSeconds(30), carries: 1310);
        _path.Assume(Assumed);
        Run(TimeSpan.FromMinutes(1), carries: 1310);
        Assert.Equal(1310, _path.Limit);

        Run(TimeSpan.FromMinutes(2), carries: Assumed);
        Assert.Equal(Assumed, _path.Limit);

        _probes.Clear();
        Run(TimeSpan.FromHours(2), carries: Assumed);
        Assert.InRange(_probes.Count, 10, 30);
    }

    [Fact]
    public void A_path_that_stays_narrow_is_asked_little()
    {
        _path.Assume(Assumed);
        Run(TimeSpan.FromSeconds(30), carries: 1230);
        _probes.Clear();

        Run(PathMtu.Period, carries: 1230);

        Assert.InRange(_probes.Count, 2, 4);
        Assert.Equal(1230, _path.Limit);
    }

    [Fact]
    public void While_long_packets_go_a_path_that_got_narrower_is_noticed_within_seconds()
    {
        _path.Assume(Assumed);
        Run(TimeSpan.FromMinutes(1), carries: Assumed);

        Run(PathMtu.TrafficPeriod + TimeSpan.FromSeconds(10), 1230, () => _path.TryCheckAgain(_now, PathMtu.TrafficPeriod));

        Assert.Equal(1230, _path.Limit);
    }

    [Fact]
    public void A_peer_that_moved_is_asked_at_once()
    {
        _path.Assume(Assumed);
        Run(TimeSpan.FromSeconds(30), carries: 1230);

        _path.AskForCheck();
        Run(TimeSpan.FromSeconds(5), carries: Assumed);

        Assert.Equal(Assumed, _path.Limit);
    }

    [Fact]
    public void An_answer_that_comes_late_counts()
    {
        _path.Assume(Assumed);
        Run(TimeSpan.FromSeconds(30), carries: 1230);

        _path.NoteAnswer(1310, _now);

        Assert.Equal(1310, _path.Limit);
    }

    private void Run(TimeSpan span, int carries, Action? everyTick = null, int lost = 0) =>
        Run(span, size => size <= carries && lost-- <= 0, everyTick);

    private void Run(TimeSpan span, Predicate<int> isAnswered, Action? everyTick = null)
    {
        for (TimeSpan end = _now + span; _now < end; _now += Tick)
        {
            everyTick?.Invoke();
            int size = _path.NextProbe(_now, _witness);
            if (_path.TryTakeWishForWitness() && _answersShortProbes)
            {
                _witness = new ProbeAnswer(_now, RoundTrip);
            }

            if (size == 0)
            {
                continue;
            }

            _probes.Add((_now, size));
            if (isAnswered(size))
            {
                _path.NoteAnswer(size, _now);
            }
        }
    }
}
