using System.Buffers.Binary;
using System.Diagnostics;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Segmentation;

namespace NatT.Benchmarks;

/// <summary>
/// A device that always has one TCP super-packet to read, or a burst of plain packets, to each destination in turn; and takes
/// whatever is written to it.
/// </summary>
internal sealed class SuperPacketSource : ITunDevice
{
    public const int Segments = 47;

    /// <summary>Octets of each segment as a packet: as many as fill the ciphertext of <see cref="PacketSizes.Full"/>.</summary>
    public const int SegmentLength = 1406;

    private const int IPLength = 20;
    private const int HeaderLength = 2 * IPLength;
    private const int TcpChecksum = 16;
    private const int Destination = 16;
    private const int TotalLength = 2;
    private const int PayloadLength = SegmentLength - HeaderLength;

    private readonly byte[] _packet = new byte[HeaderLength + (Segments * PayloadLength)];
    private readonly VirtioHeader _header = new(
        VirtioHeader.NeedsChecksum, VirtioHeader.TcpIPv4, HeaderLength, PayloadLength, IPLength, TcpChecksum);

    private readonly IReadOnlyList<IpAddress> _destinations;
    private int _next;

    public SuperPacketSource(IpAddress source, IReadOnlyList<IpAddress> destinations)
    {
        _destinations = destinations;
        Active = destinations.Count;
        new Random(1).NextBytes(_packet);
        Span<byte> packet = _packet;
        packet[..HeaderLength].Clear();
        packet[0] = 0x45;
        packet[8] = 64;
        packet[9] = UpperLayer.ProtocolTcp;
        source.WriteTo(packet[12..]);
        packet[IPLength + 12] = 0x50;
        packet[IPLength + 13] = 0x10;
    }

    public string Name => "natt0";

    /// <summary>Of the destinations, the first so many get packets.</summary>
    public int Active { get; set; }

    /// <summary>Plain packets that one read gives; 0: a super-packet.</summary>
    public int Burst { get; set; }

    /// <summary>Packets that one read stands for.</summary>
    public int PacketsInRead => Burst == 0 ? Segments : Burst;

    /// <summary>Packets written to it.</summary>
    public long Written { get; private set; }

    /// <summary>What the kernel would have spent copying.</summary>
    public long Ticks { get; private set; }

    public void Read(PacketBatch packets, bool waits = true)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Burst; i++)
        {
            NextPacket(SegmentLength).CopyTo(packets.Free);
            packets.Add(SegmentLength);
        }

        if (Burst == 0)
        {
            NextPacket(_packet.Length).CopyTo(packets.Free);
            packets.Add(_packet.Length).Offload = _header;
        }

        Ticks += Stopwatch.GetTimestamp() - start;
    }

    public int Write(PacketBatch packets)
    {
        Written += packets.Count;
        return 0;
    }

    public void WriteOwn(ReadOnlySpan<byte> packet) => throw new InvalidOperationException("No packet here is longer than its path.");

    public long ReadQueueDrops() => 0;

    public void Wake()
    {
    }

    public void Dispose()
    {
    }

    private Span<byte> NextPacket(int length)
    {
        Span<byte> packet = _packet.AsSpan(0, length);
        BinaryPrimitives.WriteUInt16BigEndian(packet[TotalLength..], (ushort)length);
        _destinations[_next].WriteTo(packet[Destination..]);
        _next = (_next + 1) % Active;
        InnerPacket.WriteIPv4Checksum(packet[..IPLength]);
        uint sum = PseudoHeader.Sum(packet, UpperLayer.ProtocolTcp, length - IPLength);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(IPLength + TcpChecksum)..], (ushort)sum);
        return packet;
    }
}
