using System.Buffers.Binary;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Segmentation;
using static NatT.Linux.Tests.NetworkNamespace;

namespace NatT.Linux.Tests;

/// <summary>Super-packets between the kernel and us, with the kernel's own segmentation as the witness.</summary>
public sealed class TunOffloadTests
{
    private const int Datagrams = 20;
    private const int PayloadLength = 1000;
    private const int HeaderLength = 28;

    private static readonly IpAddress Ours = IpAddress.Parse("10.9.0.1");
    private static readonly OuterEndpoint Theirs = new(IpAddress.Parse("10.9.0.2"), 4002);

    [NamespaceFact]
    public void Super_packet_comes_with_its_header_and_has_the_segments_the_kernel_would_make() => Run(() =>
    {
        using TunDevice merged = Open("tun0", offloads: true);
        using UdpSocket sender = UdpSocket.Bind(Ours, 4001, null);

        sender.Send(Payloads());

        var batch = new PacketBatch();
        merged.Read(batch);
        Assert.Equal(1, batch.Count);
        Assert.Equal(VirtioHeader.Udp, batch[0].Offload.SegmentationType);
        List<byte[]> segments = Segments(batch, 0);
        Assert.Equal(Datagrams, segments.Count);
        List<byte[]> plain = ReadPlain(sender);
        for (int i = 0; i < Datagrams; i++)
        {
            // The two devices differ in their number only, and the packets in their identification.
            Assert.Equal(plain[i][HeaderLength..], segments[i][HeaderLength..]);
            Assert.Equal(plain[i][2..4], segments[i][2..4]);
            Assert.Equal(plain[i][20..], segments[i][20..]);
            Assert.True(InnerPacket.TryRead(segments[i], out InnerPacket inner) && inner.HasValidHeaderChecksum);
        }
    });

    [NamespaceFact]
    public void Merged_packets_reach_their_socket_as_they_were() => Run(() =>
    {
        using TunDevice tun = Open("tun0", offloads: true);
        using UdpSocket receiver = UdpSocket.Bind(Ours, 4001, null);
        PacketBatch packets = Answers(tun, receiver);

        Assert.Equal(0, tun.Write(packets));

        AssertReceived(receiver);
    });

    [NamespaceFact]
    public void Kernel_that_refuses_merged_UDP_gets_it_one_by_one_and_that_is_told_once() => Run(() =>
    {
        var degradations = new List<string>();
        using TunDevice tun = Open("tun0", offloads: true, degradations.Add);
        using UdpSocket receiver = UdpSocket.Bind(Ours, 4001, null);
        PacketBatch packets = Answers(tun, receiver);
        Privileges.RefuseGatheringWrites();

        Assert.Equal(0, tun.Write(packets));
        AssertReceived(receiver);
        Assert.Equal(0, tun.Write(packets));
        AssertReceived(receiver);

        Assert.Contains("merging UDP packets for device tun0 is off", Assert.Single(degradations), StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Kernel_that_refuses_merged_TCP_gets_all_packets_one_by_one_and_that_is_told_once() => Run(() =>
    {
        var degradations = new List<string>();
        using TunDevice tun = Open("tun0", offloads: true, degradations.Add);
        using UdpSocket receiver = UdpSocket.Bind(Ours, 4001, null);
        PacketBatch datagrams = Answers(tun, receiver);
        PacketBatch segments = TcpSegments();
        Privileges.RefuseGatheringWrites();

        Assert.Equal(0, tun.Write(segments));
        Assert.Equal(0, tun.Write(segments));
        Assert.Equal(0, tun.Write(datagrams));

        AssertReceived(receiver);
        Assert.Contains($"\"packets\":{3 * Datagrams}", Ip("-j -s link show tun0"), StringComparison.Ordinal);
        Assert.Contains("merging packets for device tun0 is off", Assert.Single(degradations), StringComparison.Ordinal);
    });

    [NamespaceFact]
    public void Merged_packets_that_are_refused_one_by_one_as_well_end_no_merging() => Run(() =>
    {
        var degradations = new List<string>();
        using TunDevice tun = Open("tun0", offloads: true, degradations.Add);
        using UdpSocket receiver = UdpSocket.Bind(Ours, 4001, null);
        PacketBatch packets = Answers(tun, receiver);
        Privileges.RefuseGatheringWrites(evenOfOne: true);

        Assert.Equal(Datagrams, tun.Write(packets));

        Assert.All(Enumerable.Range(0, Datagrams), i => Assert.True(packets[i].IsRefused));
        Assert.Empty(degradations);
    });

    [NamespaceFact]
    public void Each_of_the_packets_merged_is_marked_where_the_device_is_down() => Run(() =>
    {
        using TunDevice tun = Open("tun0", offloads: true);
        using UdpSocket receiver = UdpSocket.Bind(Ours, 4001, null);
        PacketBatch packets = Answers(tun, receiver);
        Ip("link set tun0 down");

        Assert.Equal(Datagrams, tun.Write(packets));

        Assert.All(Enumerable.Range(0, Datagrams), i => Assert.True(packets[i].IsRefused));
    });

    [NamespaceFact]
    public void Reading_and_writing_super_packets_allocates_nothing() => Run(() =>
    {
        using TunDevice tun = Open("tun0", offloads: true);
        using UdpSocket socket = UdpSocket.Bind(Ours, 4001, null);
        PacketBatch payloads = Payloads();
        var batch = new PacketBatch();
        PacketBatch answers = Answers(tun, socket);
        long before = 0;
        for (int i = 0; i < 2; i++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            socket.Send(payloads);
            batch.Clear();
            tun.Read(batch);
            tun.Write(answers);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    });

    [NamespaceFact]
    public void Persistent_device_is_left_without_offloads() => Run(() =>
    {
        Ip("tuntap add dev keep0 mode tun");
        using (TunDevice.Open("keep0"))
        {
            Assert.Contains("tcp-segmentation-offload: on", Execute("ethtool", "-k keep0"), StringComparison.Ordinal);
        }

        Assert.Contains("tcp-segmentation-offload: off", Execute("ethtool", "-k keep0"), StringComparison.Ordinal);
    });

    private static TunDevice Open(string name, bool offloads, Action<string>? degraded = null)
    {
        TunDevice tun = TunDevice.Open(name, offloads, degraded);
        using var netlink = new RouteNetlink();
        netlink.DisableAddressGeneration(tun.InterfaceIndex);
        netlink.AddAddress(tun.InterfaceIndex, Ours, 32);
        netlink.SetUp(tun.InterfaceIndex);
        netlink.AddRoute(tun.InterfaceIndex, IpPrefix.Parse("10.9.0.0/24"));
        return tun;
    }

    /// <summary>What the same datagrams are on a device without offloads, where the kernel segments them.</summary>
    private static List<byte[]> ReadPlain(UdpSocket sender)
    {
        using TunDevice plain = TunDevice.Open("tun1", offloads: false);
        using var netlink = new RouteNetlink();
        netlink.DisableAddressGeneration(plain.InterfaceIndex);
        netlink.SetUp(plain.InterfaceIndex);
        netlink.AddRoute(plain.InterfaceIndex, IpPrefix.Parse("10.9.0.2/32"));
        sender.Send(Payloads());
        var batch = new PacketBatch();
        while (batch.Count < Datagrams)
        {
            plain.Read(batch);
        }

        return [.. Enumerable.Range(0, Datagrams).Select(i => batch.Packet(i).ToArray())];
    }

    /// <summary>Each datagram of <see cref="Payloads"/>, as it was.</summary>
    private static void AssertReceived(UdpSocket receiver)
    {
        var incoming = new PacketBatch(256, size: 40 * PacketBatch.LargestPacket);
        while (incoming.Count < Datagrams)
        {
            receiver.Receive(incoming);
        }

        Assert.Equal(Datagrams, incoming.Count);
        for (int i = 0; i < Datagrams; i++)
        {
            Assert.Equal(PayloadLength, incoming[i].Length);
            Assert.False(incoming.Packet(i).ContainsAnyExcept((byte)i));
        }
    }

    /// <summary>Of one flow, that nobody listens to.</summary>
    private static PacketBatch TcpSegments()
    {
        const int IPLength = 20;
        var batch = new PacketBatch();
        for (int i = 0; i < Datagrams; i++)
        {
            batch.Take(VirtioHeader.Size);
            Span<byte> packet = batch.Free[..(2 * IPLength + PayloadLength)];
            packet.Clear();
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
            packet[6] = 0x40;
            packet[8] = 64;
            packet[9] = UpperLayer.ProtocolTcp;
            Theirs.Address.WriteTo(packet[12..]);
            Ours.WriteTo(packet[16..]);
            InnerPacket.WriteIPv4Checksum(packet[..IPLength]);
            Span<byte> tcp = packet[IPLength..];
            BinaryPrimitives.WriteUInt16BigEndian(tcp, 4002);
            BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], 4001);
            BinaryPrimitives.WriteInt32BigEndian(tcp[4..], 1 + (i * PayloadLength));
            tcp[12] = 0x50;
            tcp[13] = 0x10;
            uint sum = InternetChecksum.Add(tcp, PseudoHeader.Sum(packet, UpperLayer.ProtocolTcp, tcp.Length));
            BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], InternetChecksum.Finish(sum));
            batch.Add(packet.Length);
        }

        return batch;
    }

    private static PacketBatch Payloads()
    {
        var batch = new PacketBatch();
        for (int i = 0; i < Datagrams; i++)
        {
            batch.Free[..PayloadLength].Fill((byte)i);
            batch.Add(PayloadLength).Remote = Theirs;
        }

        return batch;
    }

    private static List<byte[]> Segments(PacketBatch batch, int index)
    {
        Assert.True(SuperPacket.TryRead(batch.Packet(index), batch[index].Offload, out SuperPacket packet));
        var segments = new List<byte[]>();
        for (int i = 0; i < packet.Count; i++)
        {
            byte[] segment = new byte[packet.Length(i)];
            Piece piece = packet.Place(i, segment);
            batch.Packet(index).Slice(piece.Offset, piece.Length).CopyTo(segment);
            segments.Add(segment);
        }

        return segments;
    }

    /// <summary>The datagrams that our own socket sends, turned round, with room for a virtio header before each.</summary>
    private static PacketBatch Answers(TunDevice tun, UdpSocket socket)
    {
        socket.Send(Payloads());
        var sent = new PacketBatch();
        tun.Read(sent);
        var answers = new PacketBatch();
        foreach (byte[] segment in Segments(sent, 0))
        {
            byte[] source = segment[12..16];
            segment.AsSpan(16, 4).CopyTo(segment.AsSpan(12));
            source.CopyTo(segment, 16);
            byte[] port = segment[20..22];
            segment.AsSpan(22, 2).CopyTo(segment.AsSpan(20));
            port.CopyTo(segment, 22);
            answers.Take(VirtioHeader.Size);
            segment.CopyTo(answers.Free);
            answers.Add(segment.Length);
        }

        return answers;
    }
}
