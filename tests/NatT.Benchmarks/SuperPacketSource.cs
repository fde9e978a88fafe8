using System.Buffers.Binary;
using System.Diagnostics;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Segmentation;

namespace NatT.Benchmarks;

/// <summary>A device with offloads that always has one TCP super-packet to read, and takes whatever is written to it.</summary>
internal sealed class SuperPacketSource : ITunDevice
{
    public const int Segments = 47;

    /// <summary>Octets of each segment as a packet: as many as fill the ciphertext of <see cref="PacketSizes.Full"/>.</summary>
    public const int SegmentLength = 1406;

    private const int IPLength = 20;
    private const int HeaderLength = 2 * IPLength;
    private const int TcpChecksum = 16;
    private const int PayloadLength = SegmentLength - HeaderLength;

    private readonly byte[] _packet = new byte[HeaderLength + (Segments * PayloadLength)];
    private readonly VirtioHeader _header = new(
        VirtioHeader.NeedsChecksum, VirtioHeader.TcpIPv4, HeaderLength, PayloadLength, IPLength, TcpChecksum);

    public SuperPacketSource(IpAddress source, IpAddress destination)
    {
        new Random(1).NextBytes(_packet);
        Span<byte> packet = _packet;
        packet[..HeaderLength].Clear();
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = UpperLayer.ProtocolTcp;
        source.WriteTo(packet[12..]);
        destination.WriteTo(packet[16..]);
        InnerPacket.WriteIPv4Checksum(packet[..IPLength]);
        packet[IPLength + 12] = 0x50;
        packet[IPLength + 13] = 0x10;
        uint sum = PseudoHeader.Sum(packet, UpperLayer.ProtocolTcp, packet.Length - IPLength);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(IPLength + TcpChecksum)..], (ushort)sum);
    }

    public string Name => "natt0";

    /// <summary>Packets written to it.</summary>
    public long Written { get; private set; }

    /// <summary>What the kernel would have spent copying.</summary>
    public long Ticks { get; private set; }

    public void Read(PacketBatch packets, bool waits = true)
    {
        long start = Stopwatch.GetTimestamp();
        _packet.CopyTo(packets.Free);
        packets.Add(_packet.Length).Offload = _header;
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
}
