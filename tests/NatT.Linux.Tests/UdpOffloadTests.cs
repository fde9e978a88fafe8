using System.Reflection;
using NatT.Esp.Wire;
using NatT.Linux.Interop;
using NatT.Tunnel.DataPath;
using static NatT.Linux.Tests.NetworkNamespace;

namespace NatT.Linux.Tests;

/// <summary>Runs of datagrams in one piece: UDP_SEGMENT and UDP_GRO, and what happens where the kernel refuses.</summary>
public sealed class UdpOffloadTests
{
    private const int SO_NO_CHECK = 11;

    private static readonly IpAddress Loopback = IpAddress.Parse("127.0.0.1");
    private static readonly OuterEndpoint Receiver = new(Loopback, 4002);

    [NamespaceTheory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Run_of_datagrams_arrives_as_it_was_whoever_has_offloads(bool sends, bool receives) => Run(() =>
    {
        using UdpSocket sender = UdpSocket.Bind(Loopback, 4001, null, sends);
        using UdpSocket receiver = UdpSocket.Bind(Loopback, 4002, null, receives);
        PacketBatch outgoing = Batch(Lengths(100, 1400, last: 33));

        Assert.Equal(0, sender.Send(outgoing));

        AssertSame(outgoing, ReceiveAll(receiver, outgoing.Count));
    });

    [NamespaceTheory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(1472)]
    [InlineData(9000)]
    [InlineData(40_000)]
    public void Datagrams_of_any_one_size_arrive_in_order(int length) => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(Loopback, 4002, null);
        PacketBatch outgoing = Batch(Lengths(Math.Min(200, 200_000 / length), length, last: length));

        Assert.Equal(0, socket.Send(outgoing));

        AssertSame(outgoing, ReceiveAll(socket, outgoing.Count));
    });

    [NamespaceFact]
    public void Traffic_class_and_endpoint_end_a_run() => Run(() =>
    {
        using UdpSocket sender = UdpSocket.Bind(Loopback, 4001, null);
        using UdpSocket receiver = UdpSocket.Bind(Loopback, 4002, null);
        using UdpSocket other = UdpSocket.Bind(Loopback, 4003, null);
        PacketBatch outgoing = Batch(Lengths(30, 100, last: 100));
        for (int i = 0; i < 30; i++)
        {
            outgoing[i].TrafficClass = (byte)(i < 10 ? 0 : 0xB9);
            outgoing[i].Remote = i < 20 ? Receiver : new OuterEndpoint(Loopback, 4003);
        }

        Assert.Equal(0, sender.Send(outgoing));

        PacketBatch incoming = ReceiveAll(receiver, 20);
        Assert.Equal(20, incoming.Count);
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(outgoing[i].TrafficClass, incoming[i].TrafficClass));
        Assert.Equal(10, ReceiveAll(other, 10).Count);
    });

    [NamespaceFact]
    public void Datagrams_above_the_MTU_are_refused_alone_and_runs_go_on() => Run(() =>
    {
        Ip("link set lo mtu 1400");
        var degradations = new List<string>();
        using UdpSocket sender = UdpSocket.Bind(Loopback, 4001, null, offloads: true, degradations.Add);
        using UdpSocket receiver = UdpSocket.Bind(Loopback, 4002, null);
        PacketBatch outgoing = Batch([.. Lengths(5, 1450, last: 300), .. Lengths(5, 200, last: 200)]);

        Assert.Equal(4, sender.Send(outgoing));

        Assert.Equal([true, true, true, true, false], Enumerable.Range(0, 5).Select(i => outgoing[i].IsRefused));
        Assert.Equal(6, ReceiveAll(receiver, 6).Count);
        Assert.Empty(degradations);
    });

    /// <summary>The kernel segments only where it may write checksums; a socket told to write none is the refusal at hand.</summary>
    [NamespaceFact]
    public void Kernel_that_refuses_runs_gets_datagrams_one_by_one_and_that_is_told_once() => Run(() =>
    {
        var degradations = new List<string>();
        using UdpSocket sender = UdpSocket.Bind(Loopback, 4001, null, offloads: true, degradations.Add);
        using UdpSocket receiver = UdpSocket.Bind(Loopback, 4002, null);
        var descriptor = (Descriptor)typeof(UdpSocket).GetField("_socket", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(sender)!;
        int yes = 1;
        Assert.Equal(0, Libc.setsockopt(descriptor, Libc.SOL_SOCKET, SO_NO_CHECK, in yes, sizeof(int)));
        PacketBatch outgoing = Batch(Lengths(100, 1400, last: 33));

        Assert.Equal(0, sender.Send(outgoing));
        AssertSame(outgoing, ReceiveAll(receiver, outgoing.Count));
        Assert.Equal(0, sender.Send(outgoing));
        AssertSame(outgoing, ReceiveAll(receiver, outgoing.Count));

        Assert.Contains("segmentation offload is off", Assert.Single(degradations), StringComparison.Ordinal);
    });

    /// <summary>EIO is what kernels before 6.11 give where the outer device writes no checksums.</summary>
    [NamespaceFact]
    public void Device_without_checksum_offload_gets_datagrams_one_by_one_and_that_is_told_once() => Run(() =>
    {
        var degradations = new List<string>();
        using UdpSocket sender = UdpSocket.Bind(Loopback, 4001, null, offloads: true, degradations.Add);
        using UdpSocket receiver = UdpSocket.Bind(Loopback, 4002, null);
        PacketBatch outgoing = Batch(Lengths(20, 1400, last: 33));
        Privileges.RefuseSingleMessages();

        Assert.Equal(0, sender.Send(outgoing));
        AssertSame(outgoing, ReceiveAll(receiver, outgoing.Count));
        Assert.Equal(0, sender.Send(outgoing));
        AssertSame(outgoing, ReceiveAll(receiver, outgoing.Count));

        Assert.Equal(
            "UDP segmentation offload is off: the kernel refuses it here (EIO); datagrams go one by one", Assert.Single(degradations));
    });

    [Fact]
    public void Run_is_no_longer_than_a_message()
    {
        PacketBatch batch = Batch(Lengths(100, 1400, last: 1400));

        Assert.Equal(new DatagramRun(0, 46, 46 * 1400), DatagramRun.Find(batch, 0, isSegmenting: true));
        Assert.Equal(new DatagramRun(0, 1, 1400), DatagramRun.Find(batch, 0, isSegmenting: false));
        Assert.Equal(new DatagramRun(3, 64, 64), DatagramRun.Find(Batch(Lengths(100, 1, last: 1)), 3, isSegmenting: true));
    }

    [Fact]
    public void Run_ends_behind_a_shorter_datagram_and_before_a_longer_or_empty_one()
    {
        Assert.Equal(new DatagramRun(0, 3, 250), DatagramRun.Find(Batch([100, 100, 50, 50]), 0, isSegmenting: true));
        Assert.Equal(new DatagramRun(0, 2, 200), DatagramRun.Find(Batch([100, 100, 150]), 0, isSegmenting: true));
        Assert.Equal(new DatagramRun(0, 2, 200), DatagramRun.Find(Batch([100, 100, 0]), 0, isSegmenting: true));
    }

    [Fact]
    public void Run_lies_in_one_piece()
    {
        PacketBatch batch = Batch([100, 100, 100]);
        batch[1].Offset += 1;
        batch[1].Length -= 1;

        Assert.Equal(1, DatagramRun.Find(batch, 0, isSegmenting: true).Count);
    }

    private static IEnumerable<int> Lengths(int count, int length, int last) => Enumerable.Repeat(length, count - 1).Append(last);

    /// <summary>Datagrams to the receiver, each filled with its index.</summary>
    private static PacketBatch Batch(IEnumerable<int> lengths)
    {
        var batch = new PacketBatch();
        foreach (int length in lengths)
        {
            batch.Free[..length].Fill((byte)batch.Count);
            batch.Add(length).Remote = Receiver;
        }

        return batch;
    }

    private static PacketBatch ReceiveAll(UdpSocket socket, int count)
    {
        var batch = new PacketBatch(2048, size: 150 * PacketBatch.LargestPacket);
        while (batch.Count < count)
        {
            socket.Receive(batch);
        }

        return batch;
    }

    private static void AssertSame(PacketBatch expected, PacketBatch actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.True(expected.Packet(i).SequenceEqual(actual.Packet(i)), $"datagram {i} differs");
        }
    }
}
