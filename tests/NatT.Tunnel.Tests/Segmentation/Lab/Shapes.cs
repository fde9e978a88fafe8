namespace NatT.Tunnel.Tests.Segmentation.Lab;

/// <summary>Random packets, as stacks send them.</summary>
internal static class Shapes
{
    /// <summary>A super-packet of two segments or more, and the size of its segments.</summary>
    public static (PacketShape Shape, int SegmentSize) Random(Random random)
    {
        bool isUdp = random.Next(3) == 0;
        PacketShape shape = Header(random, isUdp);
        int largest = Math.Min(9000, (65535 - shape.HeaderLength) / 2);
        int segmentSize = random.Next(4) == 0 ? random.Next(1, 200) : random.Next(200, largest);
        int most = Math.Min((65535 - shape.HeaderLength) / segmentSize, isUdp ? 64 : 128);
        int payload = (random.Next(2, most + 1) * segmentSize) - random.Next(segmentSize);
        return (shape with { Payload = PacketShape.RandomPayload(random, payload) }, segmentSize);
    }

    /// <summary>Such as may be merged, without payload.</summary>
    public static PacketShape Header(Random random, bool isUdp) => new()
    {
        IsIPv6 = random.Next(2) == 0,
        IsUdp = isUdp,
        TrafficClass = (byte)random.Next(256),
        TimeToLive = (byte)random.Next(1, 256),
        FlowLabel = (uint)random.Next(1 << 20),
        Identification = (ushort)random.Next(65536),
        Fragment = random.Next(2) == 0 ? (ushort)0x4000 : (ushort)0,
        SourcePort = (ushort)random.Next(65536),
        DestinationPort = (ushort)random.Next(65536),
        Sequence = random.Next(3) == 0 ? uint.MaxValue - (uint)random.Next(3000) : (uint)random.NextInt64(1L << 32),
        Acknowledgement = (uint)random.NextInt64(1L << 32),
        Window = (ushort)random.Next(65536),
        Flags = random.Next(2) == 0 ? PacketShape.Ack : (byte)(PacketShape.Ack | PacketShape.Psh),
        TcpOptions = !isUdp && random.Next(2) == 0 ? PacketShape.Timestamps((uint)random.Next()) : [],
    };
}
