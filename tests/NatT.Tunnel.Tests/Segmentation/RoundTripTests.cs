using System.Buffers.Binary;
using NatT.Tunnel.Segmentation;
using NatT.Tunnel.Tests.Segmentation.Lab;

namespace NatT.Tunnel.Tests.Segmentation;

/// <summary>Segmenting and coalescing undo each other.</summary>
public sealed class RoundTripTests
{
    private const int Runs = 1000;

    [Fact]
    public void Segmenting_then_coalescing_gives_the_packet_back()
    {
        var random = new Random(1);
        for (int run = 0; run < Runs; run++)
        {
            (PacketShape shape, int segmentSize) = Shapes.Random(random);
            byte[] packet = shape.Super();

            List<byte[]> segments = Cutter.Place(packet, shape.Virtio(segmentSize))!;
            List<(VirtioHeader Header, byte[] Packet)> writes = Merger.Merge(segments);

            (VirtioHeader header, byte[] merged) = Assert.Single(writes);
            IEnumerable<string> expected = shape.Segments(segmentSize).Select(segment => Convert.ToHexString(segment.Whole()));
            Assert.Equal(expected, segments.Select(Convert.ToHexString));
            Assert.Equal(shape.Virtio(segmentSize), header);
            Assert.Equal(Convert.ToHexString(packet), Convert.ToHexString(merged));
        }
    }

    [Fact]
    public void Coalescing_then_segmenting_gives_each_flow_its_packets_back_in_order()
    {
        var random = new Random(2);
        int merged = 0;
        for (int run = 0; run < Runs; run++)
        {
            List<(int Flow, byte[] Packet)> arrived = Arrivals(random, run);

            List<byte[]> packets = [.. arrived.Select(arrival => arrival.Packet)];
            List<(VirtioHeader Header, byte[] Packet)> writes = Merger.Merge(packets, mergesUdp: run % 2 == 0);

            List<byte[]> delivered = [.. writes.SelectMany(write => Cutter.Place(write.Packet, write.Header)!)];
            merged += arrived.Count - writes.Count;
            Assert.Equal(arrived.Count, delivered.Count);
            foreach (IGrouping<int, (int Flow, byte[] Packet)> flow in arrived.GroupBy(arrival => arrival.Flow))
            {
                Assert.Equal(
                    flow.Select(arrival => Normal(arrival.Packet)),
                    delivered.Where(packet => FlowOf(packet) == flow.Key).Select(Normal));
            }
        }

        Assert.InRange(merged, Runs * 4, Runs * 40);
    }

    [Fact]
    public void No_packet_makes_the_coalescer_reach_beyond_its_bounds_or_lose_an_octet()
    {
        var random = new Random(3);
        for (int run = 0; run < Runs; run++)
        {
            List<byte[]> packets = [.. Arrivals(random, run).Select(arrival => Damaged(random, arrival.Packet))];

            List<(VirtioHeader Header, byte[] Packet)> writes = Merger.Merge(packets);

            IEnumerable<byte[]> delivered = writes.SelectMany(write =>
                write.Header == default ? [write.Packet] : Cutter.Place(write.Packet, write.Header)!);
            Assert.Equal(packets.Select(Normal).Order(StringComparer.Ordinal), delivered.Select(Normal).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Splitting_what_was_coalesced_gives_the_packets_back_as_they_came()
    {
        var random = new Random(4);
        for (int run = 0; run < Runs; run++)
        {
            (PacketShape shape, int segmentSize) = Shapes.Random(random);
            byte[][] packets = [.. shape.Segments(segmentSize).Select(segment => segment.Whole())];

            List<(VirtioHeader Header, byte[] Packet)> writes = Merger.MergeAndSplit(packets);

            Assert.All(writes, write => Assert.Equal(default, write.Header));
            Assert.Equal(packets.Select(Convert.ToHexString), writes.Select(write => Convert.ToHexString(write.Packet)));
        }
    }

    /// <summary>A few flows, interleaved, with all that interrupts merging now and then.</summary>
    private static List<(int Flow, byte[] Packet)> Arrivals(Random random, int run)
    {
        PacketShape[] flows = [.. Enumerable.Range(0, random.Next(1, 12)).Select(i => Shapes.Header(random, isUdp: i % 3 == 2) with
        {
            SourcePort = (ushort)i,
            IsIPv6 = i % 2 == 1,
        })];
        int[] sizes = [.. flows.Select(_ => random.Next(1, 1400))];
        var arrivals = new List<(int, byte[])>();
        for (int i = 0; i < 40; i++)
        {
            int flow = random.Next(flows.Length);
            (PacketShape packet, flows[flow]) = Next(random, flows[flow], sizes[flow], isFixed: run % 3 == 0);
            byte[] octets = packet.Whole();
            if (random.Next(20) == 0)
            {
                octets[^1]++;
            }

            arrivals.Add((flow, octets));
        }

        return arrivals;
    }

    private static (PacketShape Packet, PacketShape After) Next(Random random, PacketShape flow, int size, bool isFixed)
    {
        PacketShape packet = flow with
        {
            Payload = PacketShape.RandomPayload(random, random.Next(8) == 0 ? random.Next(1, 1400) : size),
            Flags = random.Next(8) == 0 ? (byte)(PacketShape.Ack | PacketShape.Psh) : PacketShape.Ack,
        };
        packet = random.Next(40) switch
        {
            0 => packet with { Flags = PacketShape.Ack | PacketShape.Fin },
            1 => packet with { Flags = PacketShape.Ack | PacketShape.Cwr },
            2 => packet with { Flags = PacketShape.Ack | PacketShape.Ece },
            3 => packet with { Payload = [] },
            4 => packet with { Window = 5 },
            5 => packet with { TrafficClass = (byte)(packet.TrafficClass ^ 1) },
            6 => packet with { TimeToLive = 3 },
            7 => packet with { Sequence = packet.Sequence + 1 },
            8 => packet with { Identification = (ushort)(packet.Identification + 5) },
            9 => packet with { Options = [1, 1, 1, 0] },
            10 => packet with { DestinationOptions = 1 },
            11 => packet with { Acknowledgement = packet.Acknowledgement + 1 },
            12 => packet with { Fragment = 0x2000 },
            _ => packet,
        };
        return (packet, flow with
        {
            Sequence = packet.Sequence + (uint)packet.Payload.Length,
            Identification = isFixed ? flow.Identification : (ushort)(packet.Identification + 1),
        });
    }

    private static int FlowOf(byte[] packet)
    {
        int transport = packet[0] >> 4 == 4 ? (packet[0] & 15) * 4 : packet[6] == 60 ? 48 : 40;
        return BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(transport));
    }

    /// <summary>Without the identification of an IPv4 packet with DF, which means nothing (RFC 6864 §4.1).</summary>
    private static string Normal(byte[] packet)
    {
        packet = [.. packet];
        if (packet.Length >= 20 && packet[0] >> 4 == 4 && (packet[6] & 0x40) != 0)
        {
            packet[4] = packet[5] = packet[10] = packet[11] = 0;
        }

        return Convert.ToHexString(packet);
    }

    private static byte[] Damaged(Random random, byte[] packet)
    {
        packet = [.. packet];
        for (int i = random.Next(3); i > 0; i--)
        {
            packet[random.Next(Math.Min(packet.Length, 64))] = (byte)random.Next(256);
        }

        return random.Next(4) == 0 ? packet[..random.Next(1, packet.Length)] : packet;
    }
}
