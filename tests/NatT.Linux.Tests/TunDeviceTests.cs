using System.Net;
using System.Net.Sockets;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using static NatT.Linux.Tests.NetworkNamespace;

namespace NatT.Linux.Tests;

public sealed class TunDeviceTests
{
    private static readonly IpAddress Ours = IpAddress.Parse("10.9.0.1");
    private static readonly IPEndPoint Theirs = new(IPAddress.Parse("10.9.0.2"), 9);

    [NamespaceFact]
    public void Packet_routed_into_the_device_is_read() => Run(() =>
    {
        using TunDevice tun = OpenConfigured("tun0");
        using Socket sender = UdpOf("10.9.0.1");
        sender.SendTo("hello"u8, Theirs);

        var batch = new PacketBatch();
        tun.Read(batch);

        Assert.Equal(1, batch.Count);
        Assert.Equal(0x45, batch.Packet(0)[0]);
        Assert.Equal("hello"u8, batch.Packet(0)[28..]);
    });

    [NamespaceFact]
    public void Packet_written_to_the_device_reaches_its_socket() => Run(() =>
    {
        using TunDevice tun = OpenConfigured("tun0");
        using Socket receiver = UdpOf("10.9.0.1");
        using Socket sender = UdpOf("10.9.0.1");
        sender.SendTo("echo"u8, new IPEndPoint(Theirs.Address, ((IPEndPoint)receiver.LocalEndPoint!).Port));
        var batch = new PacketBatch();
        tun.Read(batch);
        SwapAddresses(batch.Packet(0));

        int refused = tun.Write(batch);

        Assert.Equal(0, refused);
        receiver.ReceiveTimeout = 5000;
        var buffer = new byte[100];
        Assert.Equal(4, receiver.Receive(buffer));
        Assert.Equal("echo"u8, buffer.AsSpan(0, 4));
    });

    [NamespaceFact]
    public void Waiting_packets_come_in_one_batch_behind_those_present() => Run(() =>
    {
        using TunDevice tun = OpenConfigured("tun0");
        using Socket sender = UdpOf("10.9.0.1");
        for (int i = 0; i < 10; i++)
        {
            sender.SendTo([(byte)i], Theirs);
        }

        var batch = new PacketBatch();
        batch.Add(20);
        tun.Read(batch);

        Assert.Equal(11, batch.Count);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(i, batch.Packet(i + 1)[28]);
        }
    });

    [NamespaceFact]
    public void Read_takes_no_more_than_the_batch_holds() => Run(() =>
    {
        using TunDevice tun = OpenConfigured("tun0");
        using Socket sender = UdpOf("10.9.0.1");
        for (int i = 0; i < 5; i++)
        {
            sender.SendTo([(byte)i], Theirs);
        }

        var batch = new PacketBatch(capacity: 3);
        tun.Read(batch);
        Assert.Equal(3, batch.Count);
        batch.Clear();
        tun.Read(batch);
        Assert.Equal(2, batch.Count);
        Assert.Equal(4, batch.Packet(1)[28]);
    });

    [NamespaceFact]
    public void Wake_ends_the_running_read_with_an_empty_batch() => Run(() =>
    {
        using TunDevice tun = OpenConfigured("tun0");
        var batch = new PacketBatch();
        var reader = new Thread(() => tun.Read(batch));
        reader.Start();

        Assert.False(reader.Join(50));
        tun.Wake();

        Assert.True(reader.Join(5000));
        Assert.Equal(0, batch.Count);
    });

    [NamespaceFact]
    public void Wake_before_the_read_ends_it_once() => Run(() =>
    {
        using TunDevice tun = OpenConfigured("tun0");
        tun.Wake();
        tun.Wake();
        var batch = new PacketBatch();
        tun.Read(batch);
        Assert.Equal(0, batch.Count);

        using Socket sender = UdpOf("10.9.0.1");
        sender.SendTo("next"u8, Theirs);
        tun.Read(batch);
        Assert.Equal(1, batch.Count);
    });

    [NamespaceFact]
    public void Malformed_packets_are_refused_and_the_rest_written() => Run(() =>
    {
        using TunDevice tun = OpenConfigured("tun0");
        using Socket receiver = UdpOf("10.9.0.1");
        using Socket sender = UdpOf("10.9.0.1");
        sender.SendTo("good"u8, new IPEndPoint(Theirs.Address, ((IPEndPoint)receiver.LocalEndPoint!).Port));
        var batch = new PacketBatch();
        batch.Free[..40].Fill(0xF0);
        batch.Add(40);
        batch.Add(0);
        tun.Read(batch);
        SwapAddresses(batch.Packet(2));

        Assert.Equal(2, tun.Write(batch));

        receiver.ReceiveTimeout = 5000;
        Assert.Equal(4, receiver.Receive(new byte[100]));
    });

    [NamespaceFact]
    public void Device_that_is_down_refuses_every_packet() => Run(() =>
    {
        using TunDevice tun = TunDevice.Open("tun0", offloads: false);
        var batch = new PacketBatch();
        batch.Free[0] = 0x45;
        batch.Add(20);

        Assert.Equal(1, tun.Write(batch));
    });

    [NamespaceFact]
    public void Refused_packets_are_marked_and_the_others_not() => Run(() =>
    {
        using TunDevice tun = OpenConfigured("tun0");
        using Socket sender = UdpOf("10.9.0.1");
        sender.SendTo("good"u8, Theirs);
        var batch = new PacketBatch();
        batch.Free[..40].Fill(0xF0);
        batch.Add(40);
        tun.Read(batch);
        batch.Add(0);

        tun.Write(batch);

        Assert.Equal([true, false, true], new[] { batch[0].IsRefused, batch[1].IsRefused, batch[2].IsRefused });
    });

    [NamespaceFact]
    public void Packets_that_find_the_queue_full_are_counted_from_the_opening_on() => Run(() =>
    {
        Ip("tuntap add dev keep0 mode tun");
        Ip("link set keep0 up txqueuelen 10 addrgenmode none");
        Ip("address add 10.9.0.1/24 dev keep0");
        using Socket sender = UdpOf("10.9.0.1");
        using (TunDevice before = OpenAgain("keep0"))
        {
            Send(sender, 15);
            Assert.Equal(5, before.ReadQueueDrops());
        }

        using TunDevice tun = OpenAgain("keep0");
        Assert.Equal(0, tun.ReadQueueDrops());
        Send(sender, 13);
        Assert.Equal(3, tun.ReadQueueDrops());
        var batch = new PacketBatch();
        tun.Read(batch);
        Assert.Equal(10, batch.Count);
        Send(sender, 11);
        Assert.Equal(4, tun.ReadQueueDrops());
    });

    [NamespaceFact]
    public void Queue_holds_as_many_packets_as_it_is_set_to() => Run(() =>
    {
        using TunDevice tun = OpenConfigured("tun0");
        using var netlink = new RouteNetlink();
        using Socket sender = UdpOf("10.9.0.1");

        Assert.True(netlink.SetQueueLength(tun.InterfaceIndex, TunDevice.QueueLength));

        Send(sender, TunDevice.QueueLength + 2);
        Assert.Equal(2, tun.ReadQueueDrops());
    });

    [NamespaceFact]
    public void Reading_and_writing_allocate_nothing() => Run(() =>
    {
        using TunDevice tun = OpenConfigured("tun0");
        using Socket sender = UdpOf("10.9.0.1");
        var batch = new PacketBatch(capacity: 64);
        long before = 0;
        for (int i = 0; i < 100; i++)
        {
            sender.SendTo("x"u8, Theirs);
        }

        for (int i = 0; i < 2; i++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            batch.Clear();
            tun.Read(batch);
            tun.Write(batch);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    });

    [NamespaceFact]
    public void Device_addresses_and_routes_vanish_on_disposal() => Run(() =>
    {
        using (OpenConfigured("tun0"))
        {
            Assert.Contains("tun0", Ip("-o link"), StringComparison.Ordinal);
            Assert.Contains("10.9.0.0/24", Ip("route"), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("tun0", Ip("-o link"), StringComparison.Ordinal);
        Assert.DoesNotContain("10.9.0.", Ip("-o address") + Ip("route"), StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Index_and_MTU_are_the_kernels() => Run(() =>
    {
        using TunDevice tun = TunDevice.Open("tun0");

        Assert.StartsWith($"{tun.InterfaceIndex}: tun0", Ip("-o link show tun0"), StringComparison.Ordinal);
        Assert.Equal(1500, tun.Mtu);
        Ip("link set tun0 mtu 1300");
        Assert.Equal(1300, tun.Mtu);
        Assert.False(tun.IsPersistent);
    });

    [NamespaceFact]
    public void Persistent_device_is_used_as_it_is_and_stays() => Run(() =>
    {
        Ip("tuntap add dev keep0 mode tun");
        Ip("link set keep0 up mtu 1234");
        Ip("address add 10.9.0.1/24 dev keep0");

        using (TunDevice tun = TunDevice.Open("keep0"))
        {
            Assert.True(tun.IsPersistent);
            Assert.Equal(1234, tun.Mtu);
            using Socket sender = UdpOf("10.9.0.1");
            sender.SendTo("x"u8, Theirs);
            var batch = new PacketBatch();
            tun.Read(batch);
            Assert.True(batch.Count > 0);
        }

        Assert.Contains("mtu 1234", Ip("link show keep0"), StringComparison.Ordinal);
        Assert.Contains("10.9.0.1/24", Ip("address show keep0"), StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Device_removed_while_reading_is_an_error_that_says_so() => Run(() =>
    {
        using TunDevice tun = OpenConfigured("tun0");
        Exception? failure = null;
        var reader = new Thread(() => failure = Record.Exception(() => tun.Read(new PacketBatch())));
        reader.Start();
        Assert.False(reader.Join(50));

        Ip("link delete tun0");

        Assert.True(reader.Join(5000));
        Assert.Contains("tun0 was removed", Assert.IsType<LinuxException>(failure).Message, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Device_survives_being_down_for_a_while() => Run(() =>
    {
        using TunDevice tun = OpenConfigured("tun0");
        var batch = new PacketBatch();
        Exception? failure = null;
        var reader = new Thread(() => failure = Record.Exception(() => tun.Read(batch)));
        reader.Start();
        Ip("link set tun0 down");
        Assert.False(reader.Join(50));
        Ip("link set tun0 up");
        Ip("route add 10.9.0.0/24 dev tun0");
        using Socket sender = UdpOf("10.9.0.1");
        sender.SendTo("x"u8, Theirs);

        Assert.True(reader.Join(5000));
        Assert.Null(failure);
        Assert.Equal(1, batch.Count);
    });

    [NamespaceFact]
    public void Device_of_another_process_is_busy() => Run(() =>
    {
        using TunDevice first = TunDevice.Open("tun0");

        LinuxException failure = Assert.Throws<LinuxException>(() => TunDevice.Open("tun0"));

        Assert.Contains("in use by another process", failure.Message, StringComparison.Ordinal);
        Assert.Contains("EBUSY", failure.Message, StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Name_of_another_kind_of_device_is_refused() => Run(() =>
    {
        Ip("link add veth0 type veth peer name veth1");

        LinuxException failure = Assert.Throws<LinuxException>(() => TunDevice.Open("veth0"));

        Assert.Contains("veth0 exists and is no single-queue TUN device", failure.Message, StringComparison.Ordinal);
        Assert.Contains("veth0", Ip("link"), StringComparison.Ordinal);
    });

    [Theory]
    [InlineData("a-name-of-16-chr", "15 characters")]
    [InlineData("", "cannot name a device")]
    [InlineData("..", "cannot name a device")]
    [InlineData("na tt", "cannot name a device")]
    [InlineData("natt/0", "cannot name a device")]
    [InlineData("natt%d", "cannot name a device")]
    public void Impossible_name_is_refused_in_one_line(string name, string reason)
    {
        LinuxException failure = Assert.Throws<LinuxException>(() => TunDevice.Open(name));

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    /// <summary>10.9.0.1 on the device, 10.9.0.0/24 through it, and no packets of the kernel's own.</summary>
    private static TunDevice OpenConfigured(string name, bool offloads = false)
    {
        TunDevice tun = TunDevice.Open(name, offloads);
        using var netlink = new RouteNetlink();
        netlink.DisableAddressGeneration(tun.InterfaceIndex);
        netlink.AddAddress(tun.InterfaceIndex, Ours, 32);
        netlink.SetUp(tun.InterfaceIndex);
        netlink.AddRoute(tun.InterfaceIndex, IpPrefix.Parse("10.9.0.0/24"));
        return tun;
    }

    /// <summary>A persistent device, ready at once: by itself it would notice a little later that somebody holds it.</summary>
    private static TunDevice OpenAgain(string name)
    {
        TunDevice tun = TunDevice.Open(name);
        Ip($"link set {name} down");
        Ip($"link set {name} up");
        return tun;
    }

    private static void Send(Socket sender, int packets)
    {
        for (int i = 0; i < packets; i++)
        {
            sender.SendTo("x"u8, Theirs);
        }
    }

    private static Socket UdpOf(string address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        return socket;
    }

    /// <summary>Turns an IPv4 packet round; its checksums stay right.</summary>
    private static void SwapAddresses(Span<byte> packet)
    {
        Span<byte> source = stackalloc byte[4];
        packet[12..16].CopyTo(source);
        packet[16..20].CopyTo(packet[12..]);
        source.CopyTo(packet[16..]);
    }
}
