using System.Buffers.Binary;
using NatT.Esp;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>With more threads than cores, and packets of many lengths, everything leaves and is delivered as by one thread.</summary>
public sealed class HelperTests : IDisposable
{
    private const int PeerCount = 3;
    private const int PacketCount = 20_000;

    /// <summary>Of a packet's number, behind its headers.</summary>
    private const int NumberOffset = 28;

    private readonly InMemoryNetwork _network = new();
    private readonly Random _random = new(1);

    // Disposed in the order of their making.
    private readonly List<CrewedEnd> _ends = [];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Each_SAs_packets_leave_in_the_order_of_their_numbers(int helpers)
    {
        CrewedEnd a = Create(isA: true, helpers);
        Push(a, PacketCount);

        a.SendAll();

        Assert.Equal(PacketCount, _network.Recorded.Count);
        foreach (IGrouping<uint, byte[]> packets in _network.Recorded.Select(datagram => datagram.Octets).GroupBy(packet => EspHeader.ReadSpi(packet)))
        {
            IEnumerable<uint> numbers = packets.Select(packet => EspHeader.ReadSequenceNumber(packet));
            Assert.Equal(Enumerable.Range(1, packets.Count()).Select(number => (uint)number), numbers);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Nothing_of_ours_arrives_behind_a_window_of_32(int helpers)
    {
        CrewedEnd a = Create(isA: true, helpers, "replay_window = 32");
        CrewedEnd b = Create(isA: false, helpers, "replay_window = 32");
        int[] pushed = Push(a, PacketCount);

        a.SendAll();
        b.ReceiveAll();

        Assert.Equal(pushed, NumbersOf(b.Device.Delivered));
        Assert.All(b.Peers.Peers, peer => Assert.Equal((0, 0), (AllDrops(peer), peer.Inbound.Missing)));
        Assert.Equal(PacketCount, b.Peers.Peers.Sum(peer => peer.InboundCounters.Packets));
        Assert.Equal(PacketCount, a.Peers.Peers.Sum(peer => peer.OutboundCounters.Packets));
        Assert.All(a.Peers.Peers, peer => Assert.Equal(peer.OutboundCounters.Packets + 1, (long)peer.Outbound.Sequence.Next));
    }

    [Fact]
    public void Of_copies_that_are_opened_at_once_one_is_delivered()
    {
        const int Copies = 4;
        const int Distinct = 2048;
        CrewedEnd a = Create(isA: true, helpers: 0);
        CrewedEnd b = Create(isA: false, helpers: 3, "replay_window = 8192");
        int[] pushed = Push(a, Distinct);
        a.SendAll();
        b.Socket.Arrived.Clear();

        // As many as a receive call brings, and as many again, and again: each batch under way holds a copy of all.
        for (int copy = 0; copy < Copies; copy++)
        {
            _network.Recorded.ForEach(_network.Deliver);
        }

        b.ReceiveAll();

        Assert.Equal(pushed, NumbersOf(b.Device.Delivered));
        Assert.Equal((Copies - 1) * Distinct, b.Peers.Peers.Sum(peer => peer.InboundCounters.Drops(DropReason.Replayed)));
        Assert.Equal((Copies - 1) * Distinct, b.Peers.Peers.Sum(AllDrops));
    }

    [Fact]
    public void What_is_too_long_for_the_path_goes_as_fragments_in_its_place()
    {
        CrewedEnd a = Create(isA: true, helpers: 3);
        CrewedEnd b = Create(isA: false, helpers: 3, "replay_window = 32");
        Array.ForEach([.. a.Peers.Peers], peer => peer.Monitor.AssumeMtu(1000));
        Push(a, 2000, longest: 1400);

        a.SendAll();
        b.ReceiveAll();

        Assert.True(_network.Recorded.Count > 2000);
        Assert.Equal(_network.Recorded.Count, b.Device.Delivered.Count);
        Assert.All(b.Peers.Peers, peer => Assert.Equal((0, 0), (AllDrops(peer), peer.Inbound.Missing)));
    }

    [Fact]
    public void A_forged_packet_among_many_falls_alone()
    {
        CrewedEnd a = Create(isA: true, helpers: 3);
        CrewedEnd b = Create(isA: false, helpers: 3, "replay_window = 32");
        int[] pushed = Push(a, PacketCount);
        a.SendAll();
        byte[] victim = b.Socket.Arrived.ElementAt(PacketCount / 2).Octets;
        victim[^1] ^= 1;

        b.ReceiveAll();

        Assert.Equal(pushed.Where((_, i) => i != PacketCount / 2), NumbersOf(b.Device.Delivered));
        Assert.Equal(1, b.Peers.Peers.Sum(peer => peer.InboundCounters.Drops(DropReason.IcvMismatch)));
        Assert.Equal(1, b.Peers.Peers.Sum(AllDrops));
    }

    [Fact]
    public void Helpers_let_the_path_allocate_no_more_than_it_does_alone()
    {
        // The first time each loads code.
        MeasureSending(helpers: 0);
        MeasureSending(helpers: 3);

        Assert.InRange(MeasureSending(helpers: 3), 0, MeasureSending(helpers: 0) + 4096);
    }

    public void Dispose() => _ends.ForEach(end => end.Dispose());

    private static long AllDrops(Peer peer) => Enum.GetValues<DropReason>().Sum(peer.InboundCounters.Drops);

    private static IEnumerable<int> NumbersOf(IEnumerable<byte[]> packets) =>
        packets.Select(packet => BinaryPrimitives.ReadInt32BigEndian(packet.AsSpan(NumberOffset)));

    private CrewedEnd Create(bool isA, int helpers, params string[] lines)
    {
        var end = new CrewedEnd(_network, isA, PeerCount, helpers, lines);
        _ends.Add(end);
        return end;
    }

    /// <summary>Has programs of the host send packets to all peers in turn at random, and returns their numbers.</summary>
    private int[] Push(CrewedEnd end, int count, int longest = 400)
    {
        for (int i = 0; i < count; i++)
        {
            int peer = _random.Next(PeerCount);
            byte[] packet = InnerPackets.Udp(
                CrewedEnd.InnerOf(isA: true, peer), CrewedEnd.InnerOf(isA: false, peer), _random.Next(NumberOffset + sizeof(int), longest));
            BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(NumberOffset), i);
            end.Device.Push(packet);
        }

        return [.. Enumerable.Range(0, count)];
    }

    private long MeasureSending(int helpers)
    {
        CrewedEnd a = Create(isA: true, helpers);
        a.Socket.IsSink = true;
        Push(a, 2000);
        a.SendAll();
        Push(a, PacketCount);
        long before = GC.GetAllocatedBytesForCurrentThread();
        a.SendAll();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
