using NatT.Fuzz.Engine;
using NatT.Tunnel.Segmentation;
using NatT.Tunnel.Tests.Segmentation.Lab;

namespace NatT.Fuzz.Targets;

/// <summary>
/// Batches of packets of several flows, some of them damaged, through the coalescer: cut again they are the packets that
/// came, each flow in its order, and so are they when a device refuses what was merged.
/// </summary>
/// <remarks>An input is six octets a packet: flow, change, where its payload's length comes from, flags, damage.</remarks>
public sealed class Coalescing : IFuzzTarget
{
    private const int Flows = 12;
    private const int MostPackets = 160;

    private static readonly int[] Sizes = [1, 2, 100, 512, 1000, 1400, 1401, 0];

    public string Name => "coalescing";

    public int LongestInput => 6 * MostPackets;

    public IEnumerable<byte[]> Seeds
    {
        get
        {
            yield return [.. Enumerable.Repeat<byte[]>([0, 0, 3, 0, 0, 0], 40).SelectMany(octets => octets)];
            yield return [.. Enumerable.Repeat<byte[]>([2, 0, 0, 0, 0, 0], 150).SelectMany(octets => octets)];
            yield return [.. Enumerable.Range(0, 120).SelectMany(i => new byte[] { (byte)(i % 3), (byte)(i % 19), 4, (byte)i, 0, 0 })];
            yield return [.. Enumerable.Range(0, 60).SelectMany(i => new byte[] { (byte)(i % 11), 0, 5, 0, (byte)(i % 13 == 0 ? 30 : 0), 3 })];
        }
    }

    public IReadOnlyList<byte[]> Words { get; } = [[0, 0, 3, 0, 0, 0], [1, 0, 3, 0, 0, 0], [2, 0, 3, 0, 0, 0], [3, 0, 5, 0, 0, 0, 3, 0, 5, 0, 0, 0]];

    public long MostAllocated(int inputLength) => 64 << 20;

    public void Run(ReadOnlySpan<byte> input, Features features)
    {
        ArgumentNullException.ThrowIfNull(features);
        List<(int Flow, byte[] Packet)> arrived = Read(input);
        List<byte[]> packets = [.. arrived.Select(arrival => arrival.Packet)];
        List<(VirtioHeader Header, byte[] Packet)> merged = Merger.Merge(packets, mergesUdp: input.Length % 2 == 0);
        var cut = new List<byte[]>();
        foreach ((VirtioHeader header, byte[] packet) in merged)
        {
            List<byte[]>? segments = header == default ? [packet] : Cutter.Place(packet, header);
            cut.AddRange(segments ?? throw new PropertyException("the coalescer wrote what is refused"));
            features.Add("write", header.SegmentationType, Features.ClassOf(segments.Count));
            features.Add("length", header.SegmentationType, Features.ClassOf(packet.Length));
        }

        CompareFlows(arrived, cut, PlainPacket.Comparable);
        List<byte[]> split = [.. Merger.MergeAndSplit(packets).Select(write => write.Packet)];
        CompareFlows(arrived, split, packet => Convert.ToHexString(packet));
        features.Add("merged", Features.ClassOf(packets.Count), Features.ClassOf(merged.Count));
    }

    private delegate string Form(ReadOnlySpan<byte> packet);

    /// <summary>Every packet once; those of a flow in their order.</summary>
    private static void CompareFlows(List<(int Flow, byte[] Packet)> arrived, List<byte[]> delivered, Form form)
    {
        Require.AreEqual(arrived.Count, delivered.Count);
        var places = new Dictionary<string, Queue<int>>();
        for (int i = 0; i < delivered.Count; i++)
        {
            string key = form(delivered[i]);
            if (!places.TryGetValue(key, out Queue<int>? queue))
            {
                places.Add(key, queue = new Queue<int>());
            }

            queue.Enqueue(i);
        }

        int[] last = [.. Enumerable.Repeat(-1, Flows)];
        foreach ((int flow, byte[] packet) in arrived)
        {
            if (!places.TryGetValue(form(packet), out Queue<int>? queue) || !queue.TryDequeue(out int place))
            {
                throw new PropertyException("a packet was lost or altered");
            }

            // A damaged one may be any flow's.
            if (flow < Flows)
            {
                Require.Holds(place > last[flow], "packets of a flow keep their order");
                last[flow] = place;
            }
        }
    }

    private static List<(int Flow, byte[] Packet)> Read(ReadOnlySpan<byte> input)
    {
        var random = new Random(5);
        PacketShape[] flows = [.. Enumerable.Range(0, Flows).Select(i => Shapes.Header(random, isUdp: i % 3 == 2) with
        {
            SourcePort = (ushort)i,
            IsIPv6 = i % 2 == 1,
        })];
        var arrived = new List<(int, byte[])>();
        var choices = new Choices(input);
        while (!choices.IsAtEnd && arrived.Count < MostPackets)
        {
            int flow = choices.Below(Flows);
            int change = choices.Octet();
            int size = Sizes[choices.Octet() % Sizes.Length];
            byte flags = choices.Octet();
            int damageAt = choices.Octet();
            byte damage = choices.Octet();
            PacketShape packet = Changed(flows[flow], change) with
            {
                // Told apart by what they carry, or a swap of two would go unnoticed.
                Payload = [.. BitConverter.GetBytes(arrived.Count), .. new byte[size]],
            };
            packet = flags % 8 == 1 ? packet with { Flags = (byte)(packet.Flags | PacketShape.Psh) } : packet;
            flows[flow] = flows[flow] with
            {
                Sequence = packet.Sequence + (uint)packet.Payload.Length,
                Identification = (ushort)(packet.Identification + (flags & 0x80) / 0x80),
            };
            byte[] octets = packet.Whole();
            octets[Math.Min(octets.Length - 1, damageAt)] ^= damage;

            arrived.Add((damage == 0 ? flow : Flows, octets));
        }

        return arrived;
    }

    private static PacketShape Changed(PacketShape packet, int change) => change switch
    {
        1 => packet with { Flags = PacketShape.Ack | PacketShape.Fin },
        2 => packet with { Flags = PacketShape.Ack | PacketShape.Cwr },
        3 => packet with { Flags = PacketShape.Ack | PacketShape.Ece },
        4 => packet with { Window = 5 },
        5 => packet with { TrafficClass = (byte)(packet.TrafficClass ^ 1) },
        6 => packet with { TimeToLive = 3 },
        7 => packet with { Sequence = packet.Sequence + 1 },
        8 => packet with { Identification = (ushort)(packet.Identification + 5) },
        9 => packet with { Options = [1, 1, 1, 0] },
        10 => packet with { DestinationOptions = 1 },
        11 => packet with { Acknowledgement = packet.Acknowledgement + 1 },
        12 => packet with { Fragment = 0x2000 },
        13 => packet with { Flags = PacketShape.Syn },
        14 => packet with { UrgentPointer = 7, Flags = PacketShape.Ack | PacketShape.Urg },
        15 => packet with { TcpOptions = PacketShape.Timestamps(7) },
        16 => packet with { FlowLabel = 9 },
        17 => packet with { Fragment = 0 },
        18 => packet with { Fragment = 0x00B9 },
        _ => packet with { Flags = PacketShape.Ack },
    };
}
