using System.Buffers.Binary;

namespace NatT.Tunnel.Segmentation;

/// <summary>What goes before each packet of a TUN device with offloads (virtio 1.2 §5.1.6, <c>struct virtio_net_hdr</c>).</summary>
/// <remarks>
/// <code>
///  0       1          2         4          6            8             10
/// +-------+----------+---------+----------+------------+-------------+
/// | flags | gso_type | hdr_len | gso_size | csum_start | csum_offset |
/// +-------+----------+---------+----------+------------+-------------+
/// </code>
/// The last four are little-endian. Nobody relies on <c>hdr_len</c>, which older kernels fill in wrongly.
/// </remarks>
/// <param name="Flags"><see cref="NeedsChecksum"/> or nothing; other bits mean nothing here.</param>
/// <param name="SegmentationType">One of the constants below, with or without <see cref="HasEcn"/>.</param>
/// <param name="HeaderLength">Octets of all headers of a super-packet.</param>
/// <param name="SegmentSize">Octets of payload in each segment but the last.</param>
/// <param name="ChecksumStart">The first octet the checksum covers, counted from the packet's start.</param>
/// <param name="ChecksumOffset">Where the checksum goes, counted from <paramref name="ChecksumStart"/>.</param>
public readonly record struct VirtioHeader(
    byte Flags, byte SegmentationType, ushort HeaderLength, ushort SegmentSize, ushort ChecksumStart, ushort ChecksumOffset)
{
    /// <summary>Octets.</summary>
    public const int Size = 10;

    /// <summary>The checksum field holds the sum of the pseudo-header only.</summary>
    public const byte NeedsChecksum = 1;

    /// <summary>An ordinary packet.</summary>
    public const byte None = 0;

    public const byte TcpIPv4 = 1;
    public const byte TcpIPv6 = 4;

    /// <summary>UDP datagrams of equal size, either IP version (<c>VIRTIO_NET_HDR_GSO_UDP_L4</c>).</summary>
    public const byte Udp = 5;

    /// <summary>Added to a TCP type: the first segment alone carries CWR.</summary>
    public const byte HasEcn = 0x80;

    /// <summary>Reads the first <see cref="Size"/> octets.</summary>
    public static VirtioHeader Read(ReadOnlySpan<byte> octets) => new(
        octets[0],
        octets[1],
        BinaryPrimitives.ReadUInt16LittleEndian(octets[2..]),
        BinaryPrimitives.ReadUInt16LittleEndian(octets[4..]),
        BinaryPrimitives.ReadUInt16LittleEndian(octets[6..]),
        BinaryPrimitives.ReadUInt16LittleEndian(octets[8..]));

    public void WriteTo(Span<byte> octets)
    {
        octets[0] = Flags;
        octets[1] = SegmentationType;
        BinaryPrimitives.WriteUInt16LittleEndian(octets[2..], HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(octets[4..], SegmentSize);
        BinaryPrimitives.WriteUInt16LittleEndian(octets[6..], ChecksumStart);
        BinaryPrimitives.WriteUInt16LittleEndian(octets[8..], ChecksumOffset);
    }
}
