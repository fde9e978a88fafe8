using System.Net;
using System.Net.Sockets;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using static NatT.Linux.Tests.NetworkNamespace;

namespace NatT.Linux.Tests;

public sealed class UdpSocketTests
{
    /// <summary>Datagrams.</summary>
    private const int Burst = 64;

    private static readonly IpAddress IPv4 = IpAddress.Parse("127.0.0.1");
    private static readonly IpAddress IPv6 = IpAddress.Parse("::1");

    [NamespaceTheory]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    public void Datagram_arrives_with_source_and_whole_traffic_class(string text, bool isDualStack) => Run(() =>
    {
        IpAddress address = IpAddress.Parse(text);
        using UdpSocket sender = UdpSocket.Bind(isDualStack ? null : address, 4001, null);
        using UdpSocket receiver = UdpSocket.Bind(isDualStack ? null : address, 4002, null);
        var outgoing = new PacketBatch();
        Add(outgoing, [1, 2, 3], new OuterEndpoint(address, 4002), trafficClass: 0xBB);

        Assert.Equal(0, sender.Send(outgoing));

        PacketBatch incoming = ReceiveOnce(receiver);
        Assert.Equal(1, incoming.Count);
        Assert.Equal([1, 2, 3], incoming.Packet(0).ToArray());
        Assert.Equal(new OuterEndpoint(address, 4001), incoming[0].Remote);
        Assert.Equal(0xBB, incoming[0].TrafficClass);
    });

    [NamespaceFact]
    public void Traffic_class_is_each_datagrams_own() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(null, 4001, null);
        var outgoing = new PacketBatch();
        for (int i = 0; i < 8; i++)
        {
            Add(outgoing, [(byte)i], new OuterEndpoint(i % 2 == 0 ? IPv4 : IPv6, 4001), (byte)(i * 31));
        }

        Assert.Equal(0, socket.Send(outgoing));

        PacketBatch incoming = ReceiveAll(socket, 8);
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(incoming.Packet(i)[0] * 31, incoming[i].TrafficClass);
            Assert.Equal(incoming.Packet(i)[0] % 2 == 1, incoming[i].Remote.Address.IsIPv6);
        }
    });

    [NamespaceFact]
    public void Datagrams_of_many_lengths_arrive_whole_in_one_receive() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(IPv4, 4001, null);
        var outgoing = new PacketBatch();
        for (int i = 0; i < Burst; i++)
        {
            byte[] payload = new byte[1400 - i];
            Array.Fill(payload, (byte)i);
            Add(outgoing, payload, new OuterEndpoint(IPv4, 4001));
        }

        Assert.Equal(0, socket.Send(outgoing));

        PacketBatch incoming = ReceiveOnce(socket);
        Assert.Equal(Burst, incoming.Count);
        for (int i = 0; i < incoming.Count; i++)
        {
            Assert.Equal(1400 - i, incoming[i].Length);
            Assert.False(incoming.Packet(i).ContainsAnyExcept((byte)i));
        }
    });

    [NamespaceFact]
    public void Batches_of_other_capacities_are_moved_too() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(IPv4, 4001, null);
        var outgoing = new PacketBatch(capacity: 150);
        for (int i = 0; i < 150; i++)
        {
            Add(outgoing, [(byte)i], new OuterEndpoint(IPv4, 4001));
        }

        Assert.Equal(0, socket.Send(outgoing));

        var incoming = new PacketBatch(capacity: 150, size: 8 * PacketBatch.LargestPacket);
        incoming.Add(7);
        while (incoming.Count < 150)
        {
            socket.Receive(incoming);
        }

        for (int i = 1; i < 150; i++)
        {
            Assert.Equal(i - 1, incoming.Packet(i)[0]);
        }
    });

    [NamespaceFact]
    public void Largest_datagram_passes_and_a_larger_one_is_refused() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(IPv4, 4001, null);
        var outgoing = new PacketBatch();
        Add(outgoing, new byte[65508], new OuterEndpoint(IPv4, 4001));
        Add(outgoing, new byte[65507], new OuterEndpoint(IPv4, 4001));

        Assert.Equal(1, socket.Send(outgoing));

        PacketBatch incoming = ReceiveOnce(socket);
        Assert.Equal(1, incoming.Count);
        Assert.Equal(65507, incoming[0].Length);
    });

    [NamespaceFact]
    public void Empty_datagram_is_a_datagram() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(IPv6, 4001, null);
        var outgoing = new PacketBatch();
        Add(outgoing, [], new OuterEndpoint(IPv6, 4001));

        Assert.Equal(0, socket.Send(outgoing));

        PacketBatch incoming = ReceiveOnce(socket);
        Assert.Equal(1, incoming.Count);
        Assert.Equal(0, incoming[0].Length);
    });

    [NamespaceFact]
    public void Packet_narrowed_within_its_slot_is_sent_from_there() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(IPv4, 4001, null);
        var outgoing = new PacketBatch();
        Add(outgoing, [1, 2, 3, 4, 5], new OuterEndpoint(IPv4, 4001));
        outgoing[0].Offset += 2;
        outgoing[0].Length = 2;

        Assert.Equal(0, socket.Send(outgoing));

        Assert.Equal([3, 4], ReceiveOnce(socket).Packet(0).ToArray());
    });

    [NamespaceFact]
    public void Unreachable_destinations_are_counted_and_the_rest_is_sent() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(null, 4001, null);
        var outgoing = new PacketBatch();
        Add(outgoing, [1], new OuterEndpoint(IpAddress.Parse("192.0.2.1"), 4001));
        Add(outgoing, [2], new OuterEndpoint(IPv4, 4001));
        Add(outgoing, [3], new OuterEndpoint(IpAddress.Parse("2001:db8::1"), 4001));
        Add(outgoing, [4], new OuterEndpoint(IPv6, 4001));
        Add(outgoing, [5], new OuterEndpoint(IpAddress.Parse("255.255.255.255"), 4001));

        Assert.Equal(3, socket.Send(outgoing));

        PacketBatch incoming = ReceiveAll(socket, 2);
        Assert.Equal(2, incoming.Packet(0)[0]);
        Assert.Equal(4, incoming.Packet(1)[0]);
    });

    [NamespaceFact]
    public void Refused_datagrams_are_marked_and_the_others_not() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(IPv4, 4001, null);
        var outgoing = new PacketBatch();
        Add(outgoing, [1], new OuterEndpoint(IPv4, 4002));
        Add(outgoing, [2], new OuterEndpoint(IpAddress.Parse("192.0.2.1"), 4001));
        Add(outgoing, [3], new OuterEndpoint(IPv4, 4002));

        socket.Send(outgoing);

        Assert.Equal([false, true, false], new[] { outgoing[0].IsRefused, outgoing[1].IsRefused, outgoing[2].IsRefused });
    });

    [NamespaceFact]
    public void Datagrams_that_find_the_queue_full_are_counted() => Run(() =>
    {
        using UdpSocket sender = UdpSocket.Bind(IPv4, 4001, null);
        using UdpSocket receiver = UdpSocket.Bind(IPv4, 4002, null);
        var outgoing = new PacketBatch();
        for (int i = 0; i < Burst; i++)
        {
            // Each longer than the one before, so that none are merged: the kernel counts what it drops in one piece as one.
            Add(outgoing, new byte[1400 + i], new OuterEndpoint(IPv4, 4002));
        }

        int sent = 0;
        while (receiver.ReadQueueDrops() == 0)
        {
            Assert.Equal(0, sender.Send(outgoing));
            sent += Burst;
            Assert.True(sent < 100_000, "its queue takes everything");
        }

        int received = 0;
        receiver.Wake();
        for (PacketBatch batch = ReceiveOnce(receiver); batch.Count > 0; batch = ReceiveOnce(receiver))
        {
            received += batch.Count;
        }

        Assert.Equal(sent, received + receiver.ReadQueueDrops());
    });

    [NamespaceFact]
    public void IPv6_destination_on_an_IPv4_socket_is_refused() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(IPv4, 4001, null);
        var outgoing = new PacketBatch();
        Add(outgoing, [1], new OuterEndpoint(IPv6, 4001));

        Assert.Equal(1, socket.Send(outgoing));
    });

    [NamespaceTheory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Port_unreachable_stops_neither_direction(string text) => Run(() =>
    {
        IpAddress address = IpAddress.Parse(text);
        using UdpSocket socket = UdpSocket.Bind(address, 4001, null);
        var outgoing = new PacketBatch();
        Add(outgoing, [1], new OuterEndpoint(address, 4999));
        Add(outgoing, [2], new OuterEndpoint(address, 4001));

        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(0, socket.Send(outgoing));
            PacketBatch incoming = ReceiveOnce(socket);
            Assert.Equal(1, incoming.Count);
            Assert.Equal(2, incoming.Packet(0)[0]);
        }
    });

    [NamespaceFact]
    public void Link_local_peer_keeps_its_scope() => Run(() =>
    {
        MakeVethPair();
        uint near = (uint)IndexOf("near0");
        using UdpSocket socket = UdpSocket.Bind(null, 4001, null);
        using UdpSocket far = UdpSocket.Bind(null, 4002, "far0");
        var outgoing = new PacketBatch();
        Add(outgoing, [1], new OuterEndpoint(IpAddress.Parse("fe80::2"), 4002, near));

        Assert.Equal(0, socket.Send(outgoing));
        PacketBatch incoming = ReceiveOnce(far);

        Assert.Equal(new OuterEndpoint(IpAddress.Parse("fe80::1"), 4001, (uint)IndexOf("far0")), incoming[0].Remote);
    });

    [NamespaceFact]
    public void Dont_fragment_is_set_and_too_long_datagrams_are_refused() => Run(() =>
    {
        MakeVethPair();
        using UdpSocket socket = UdpSocket.Bind(null, 4001, null);
        var outgoing = new PacketBatch();
        Add(outgoing, new byte[1473], new OuterEndpoint(IpAddress.Parse("10.8.0.2"), 4002));
        Add(outgoing, new byte[1472], new OuterEndpoint(IpAddress.Parse("10.8.0.2"), 4002));
        Add(outgoing, new byte[1453], new OuterEndpoint(IpAddress.Parse("fd00:8::2"), 4002));
        Add(outgoing, new byte[1452], new OuterEndpoint(IpAddress.Parse("fd00:8::2"), 4002));

        Assert.Equal(2, socket.Send(outgoing));
    });

    [NamespaceFact]
    public void Wake_ends_the_running_receive_with_an_empty_batch() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(null, 4001, null);
        var batch = new PacketBatch();
        var receiver = new Thread(() => socket.Receive(batch));
        receiver.Start();

        Assert.False(receiver.Join(50));
        socket.Wake();

        Assert.True(receiver.Join(5000));
        Assert.Equal(0, batch.Count);
    });

    [NamespaceFact]
    public void Two_threads_send_through_one_socket() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(null, 4001, null);
        using UdpSocket receiver = UdpSocket.Bind(null, 4002, null);
        int refused = 0;
        Thread[] senders = [.. Enumerable.Range(1, 2).Select(id => new Thread(() =>
        {
            var outgoing = new PacketBatch();
            for (int i = 0; i < Burst; i++)
            {
                Add(outgoing, [(byte)id, (byte)id], new OuterEndpoint(id == 1 ? IPv4 : IPv6, 4002), (byte)id);
            }

            for (int round = 0; round < 20; round++)
            {
                Interlocked.Add(ref refused, socket.Send(outgoing));
            }
        }))];
        Array.ForEach(senders, thread => thread.Start());
        Array.ForEach(senders, thread => thread.Join());

        Assert.Equal(0, refused);
        int expected = 2 * 20 * Burst;
        int[] counts = new int[3];
        var incoming = new PacketBatch();
        while (counts.Sum() < expected)
        {
            incoming.Clear();
            receiver.Receive(incoming);
            for (int i = 0; i < incoming.Count; i++)
            {
                byte id = incoming.Packet(i)[0];
                Assert.Equal(id, incoming[i].TrafficClass);
                Assert.Equal(id == 2, incoming[i].Remote.Address.IsIPv6);
                counts[id]++;
            }
        }

        Assert.Equal(counts[1], counts[2]);
    });

    [NamespaceFact]
    public void Sending_and_receiving_allocate_nothing() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(null, 4001, null);
        var outgoing = new PacketBatch();
        Add(outgoing, [1], new OuterEndpoint(IPv4, 4001));
        Add(outgoing, [2], new OuterEndpoint(IPv6, 4001));
        var incoming = new PacketBatch();
        long before = 0;
        for (int i = 0; i < 2; i++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            socket.Send(outgoing);
            incoming.Clear();
            socket.Receive(incoming);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    });

    [NamespaceFact]
    public void Burst_of_several_megabytes_waits_for_the_receiver() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(IPv4, 4001, null);
        var batch = new PacketBatch();
        for (int i = 0; i < Burst; i++)
        {
            Add(batch, new byte[1400], new OuterEndpoint(IPv4, 4001));
        }

        const int rounds = 40;
        for (int round = 0; round < rounds; round++)
        {
            Assert.Equal(0, socket.Send(batch));
        }

        int received = 0;
        while (received < rounds * Burst)
        {
            received += ReceiveOnce(socket).Count;
        }
    });

    [NamespaceFact]
    public void Any_address_means_both_families_and_a_chosen_port() => Run(() =>
    {
        using UdpSocket socket = UdpSocket.Bind(null, 0, null);

        Assert.True(socket.LocalEndpoint.Address is { IsIPv6: true, IsUnspecified: true });
        Assert.NotEqual(0, socket.LocalEndpoint.Port);
    });

    [NamespaceFact]
    public void Any_address_serves_IPv4_where_IPv6_is_switched_off() => Run(() =>
    {
        File.WriteAllText("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
        using UdpSocket socket = UdpSocket.Bind(null, 4001, null);
        var outgoing = new PacketBatch();
        Add(outgoing, [1], new OuterEndpoint(IPv6, 4001));
        Add(outgoing, [2], new OuterEndpoint(IPv4, 4001), trafficClass: 3);

        Assert.Equal(1, socket.Send(outgoing));

        PacketBatch incoming = ReceiveOnce(socket);
        Assert.Equal(new OuterEndpoint(IPv4, 4001), incoming[0].Remote);
        Assert.Equal(3, incoming[0].TrafficClass);
    });

    [NamespaceFact]
    public void Port_in_use_is_named_with_its_remedy() => Run(() =>
    {
        using UdpSocket first = UdpSocket.Bind(null, 1100, null);

        LinuxException failure = Assert.Throws<LinuxException>(() => UdpSocket.Bind(null, 1100, null));

        Assert.Contains("UDP port 1100 is in use", failure.Message, StringComparison.Ordinal);
        Assert.Contains("ori_local_port", failure.Message, StringComparison.Ordinal);
        Assert.Contains("EADDRINUSE", failure.Message, StringComparison.Ordinal);
    });

    [NamespaceTheory]
    [InlineData("192.0.2.7")]
    [InlineData("2001:db8::7")]
    public void Address_of_another_machine_cannot_be_bound(string text) => Run(() =>
    {
        LinuxException failure = Assert.Throws<LinuxException>(() => UdpSocket.Bind(IpAddress.Parse(text), 1100, null));

        Assert.Contains($"{text} is not an address of this machine", failure.Message, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Missing_interface_is_named() => Run(() =>
    {
        LinuxException failure = Assert.Throws<LinuxException>(() => UdpSocket.Bind(null, 1100, "wan9"));

        Assert.Contains("no interface wan9", failure.Message, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Socket_of_an_interface_hears_that_one_only() => Run(() =>
    {
        MakeVethPair();
        using UdpSocket bound = UdpSocket.Bind(null, 4002, "near0");
        using UdpSocket sender = UdpSocket.Bind(null, 4001, null);
        var outgoing = new PacketBatch();
        Add(outgoing, [1], new OuterEndpoint(IPv4, 4002));
        sender.Send(outgoing);
        bound.Wake();

        Assert.Equal(0, ReceiveOnce(bound).Count);
    });

    [NamespaceFact]
    public void Link_local_address_binds_on_its_interface_and_not_without() => Run(() =>
    {
        MakeVethPair();
        IpAddress linkLocal = IpAddress.Parse("fe80::1");

        using UdpSocket socket = UdpSocket.Bind(linkLocal, 4001, "near0");

        Assert.Equal(new OuterEndpoint(linkLocal, 4001, (uint)IndexOf("near0")), socket.LocalEndpoint);
        LinuxException failure = Assert.Throws<LinuxException>(() => UdpSocket.Bind(linkLocal, 4002, null));
        Assert.Contains("local_default_if", failure.Message, StringComparison.Ordinal);
    });

    private static void Add(PacketBatch batch, ReadOnlySpan<byte> payload, OuterEndpoint remote, byte trafficClass = 0)
    {
        payload.CopyTo(batch.Free);
        ref PacketSlot slot = ref batch.Add(payload.Length);
        slot.Remote = remote;
        slot.TrafficClass = trafficClass;
    }

    private static PacketBatch ReceiveOnce(UdpSocket socket) => ReceiveAll(socket, count: 0);

    private static PacketBatch ReceiveAll(UdpSocket socket, int count)
    {
        var batch = new PacketBatch(2048, size: 34 * PacketBatch.LargestPacket);
        do
        {
            socket.Receive(batch);
        }
        while (batch.Count < count);

        return batch;
    }

    private static int IndexOf(string name)
    {
        using var netlink = new RouteNetlink();
        return netlink.LinkIndex(name)!.Value;
    }

    private static void MakeVethPair()
    {
        Ip("link add near0 type veth peer name far0");
        Ip("link set near0 addrgenmode none");
        Ip("link set far0 addrgenmode none");
        Ip("address add 10.8.0.1/24 dev near0");
        Ip("address add fd00:8::1/64 dev near0 nodad");
        Ip("address add fe80::1/64 dev near0 nodad");
        Ip("address add fe80::2/64 dev far0 nodad");
        Ip("link set near0 up");
        Ip("link set far0 up");
        Ip("neighbour add 10.8.0.2 lladdr 02:00:00:00:00:02 dev near0");
        Ip("neighbour add fd00:8::2 lladdr 02:00:00:00:00:02 dev near0");
    }
}
