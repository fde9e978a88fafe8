using System.Buffers.Binary;

namespace NatT.Esp.Wire;

/// <summary>SPI and sequence number, the first 8 octets of an ESP packet (RFC 4303 §2.1, §2.2).</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +---------------------------------------------------------------+
/// |               Security Parameters Index (SPI)                 |
/// +---------------------------------------------------------------+
/// |               Sequence Number (low 32 bits)                   |
/// +---------------------------------------------------------------+
/// </code>
/// </remarks>
public static class EspHeader
{
    /// <summary>Octets.</summary>
    public const int Size = 8;

    /// <summary>SPIs up to here are reserved.</summary>
    public const uint LastReservedSpi = 255;

    public static uint ReadSpi(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet);

    public static uint ReadSequenceNumber(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);

    public static void Write(Span<byte> packet, uint spi, uint sequenceNumber)
    {
        BinaryPrimitives.WriteUInt32BigEndian(packet, spi);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], sequenceNumber);
    }
}
