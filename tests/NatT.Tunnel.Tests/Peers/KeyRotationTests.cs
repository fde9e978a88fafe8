using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Tests.Peers;

/// <summary>The rules by which a peer goes from one pair of SAs to the next.</summary>
public sealed class KeyRotationTests : IDisposable
{
    private static readonly TimeSpan Start = TimeSpan.FromHours(1);

    private readonly TestPeers _peers = new();

    public void Dispose() => _peers.Dispose();

    [Fact]
    public void Traffic_stays_where_it_is_until_the_peer_is_heard_under_the_next_keys()
    {
        KeyRotation rotation = Rotation(out Peer current, out Peer next);

        Assert.True(rotation.NoteHeard(Pair(rotation, current), At(5)));

        Assert.Equal(current.PairNumber, rotation.Carrier.PairNumber);
        Assert.Equal(next.PairNumber, rotation.Probed?.PairNumber);
        Assert.False(rotation.TryTakeMove());
        Assert.Equal([KeyUse.Current, KeyUse.Next], Uses(rotation));
    }

    [Fact]
    public void First_packet_under_the_next_keys_moves_traffic()
    {
        KeyRotation rotation = Rotation(out _, out Peer next);

        Assert.True(rotation.NoteHeard(Pair(rotation, next), At(5)));

        Assert.Equal(next.PairNumber, rotation.Carrier.PairNumber);
        Assert.Null(rotation.Probed);
        Assert.Equal([KeyUse.Current, KeyUse.Retiring], Uses(rotation));
        Assert.True(rotation.TryTakeMove());
        Assert.False(rotation.TryTakeMove());
        Assert.Equal([KeyUse.Current, KeyUse.Retiring], Uses(rotation));
    }

    [Fact]
    public void Late_packet_under_the_old_keys_moves_nothing_back_and_tells_no_place()
    {
        KeyRotation rotation = Moved(out Peer old, out Peer next);

        Assert.False(rotation.NoteHeard(Pair(rotation, old), At(2)));

        Assert.Equal(next.PairNumber, rotation.Carrier.PairNumber);
    }

    [Fact]
    public void Next_keys_are_probed_at_once_and_then_once_a_second_until_traffic_moved()
    {
        KeyRotation rotation = Rotation(out _, out Peer next);

        Assert.Equal(Start, rotation.DueAt);
        Assert.True(rotation.TryTakeProbe(Start));
        Assert.False(rotation.TryTakeProbe(Start + TimeSpan.FromMilliseconds(999)));
        Assert.True(rotation.TryTakeProbe(At(1)));
        Assert.Equal(At(2), rotation.DueAt);
        rotation.NoteHeard(Pair(rotation, next), At(1.5));
        Assert.False(rotation.TryTakeProbe(At(3)));
    }

    [Fact]
    public void Old_keys_end_a_minute_after_the_last_packet_under_them()
    {
        KeyRotation rotation = Moved(out Peer old, out _);
        rotation.NoteHeard(Pair(rotation, old), At(20));

        Assert.Equal(At(80), rotation.DueAt);
        Assert.False(rotation.HasEnded(At(79.9)));
        Assert.True(rotation.HasEnded(At(80)));
        Peer left = rotation.WithoutEnded(At(80));
        Assert.Null(left.Rotation);
        Assert.Equal(rotation.Carrier.PairNumber, left.PairNumber);
    }

    [Fact]
    public void Old_keys_under_which_nothing_comes_end_a_minute_after_the_move()
    {
        KeyRotation rotation = Moved(out _, out _);

        Assert.Equal(At(61), rotation.DueAt);
    }

    [Fact]
    public void Old_keys_end_after_retire_after_though_packets_come_under_them()
    {
        KeyRotation rotation = Moved(out Peer old, out _, retireAfter: TimeSpan.FromSeconds(30));
        rotation.NoteHeard(Pair(rotation, old), At(30));

        Assert.Equal(At(31), rotation.DueAt);
        Assert.True(rotation.HasEnded(At(31)));
    }

    [Fact]
    public void Retire_after_makes_no_idle_keys_stay_longer()
    {
        KeyRotation rotation = Moved(out _, out _, retireAfter: TimeSpan.FromHours(1));

        Assert.Equal(At(61), rotation.DueAt);
    }

    [Fact]
    public void Tables_have_all_pairs_by_SPI_and_send_by_the_current_one()
    {
        KeyRotation rotation = Rotation(out Peer current, out Peer next);
        var table = new PeerTable([rotation.Carrier]);

        Assert.Equal(current.PairNumber, table.FindBySpi(current.Inbound.Parameters.Spi)?.PairNumber);
        Assert.Equal(next.PairNumber, table.FindBySpi(next.Inbound.Parameters.Spi)?.PairNumber);
        Assert.Single(table.Peers);
        Assert.Equal(current.PairNumber, Found(table));
        rotation.NoteHeard(Pair(rotation, next), At(1));
        Assert.Equal(next.PairNumber, Found(table));
    }

    private static int? Found(PeerTable table) => table.FindBySelector(
        Esp.Wire.IpAddress.Parse("10.1.0.1"), Esp.Wire.IpAddress.Parse("10.2.0.1"))?.PairNumber;

    private static TimeSpan At(double seconds) => Start + TimeSpan.FromSeconds(seconds);

    private static KeyUse[] Uses(KeyRotation rotation) => [.. rotation.Uses.Select(use => use.Use)];

    private static Peer Pair(KeyRotation rotation, Peer pair) => rotation.Pairs.Single(own => own.PairNumber == pair.PairNumber);

    private KeyRotation Rotation(out Peer current, out Peer next, TimeSpan? retireAfter = null)
    {
        current = _peers.Create(1001, TestPeers.Selector("10.1.0.1", "10.2.0.1"), TestPeers.Watched, retireAfter: retireAfter);
        next = _peers.Create(1002, TestPeers.Selector("10.1.0.1", "10.2.0.1"), TestPeers.Watched, retireAfter: retireAfter);
        return new KeyRotation(current, next, [], Start);
    }

    /// <summary>Traffic has moved a second after the start.</summary>
    private KeyRotation Moved(out Peer old, out Peer next, TimeSpan? retireAfter = null)
    {
        KeyRotation rotation = Rotation(out old, out next, retireAfter);
        rotation.NoteHeard(Pair(rotation, next), At(1));
        Assert.True(rotation.TryTakeMove());
        return rotation;
    }
}
