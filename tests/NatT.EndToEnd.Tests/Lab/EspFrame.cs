using System.Buffers.Binary;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>What anybody can read of a captured frame of an AEAD: UDP-encapsulated ESP (RFC 3948) over IPv4 and Ethernet.</summary>
internal readonly record struct EspFrame(uint Spi, uint SequenceNumber, ulong Iv)
{
    private const int FileHeaderSize = 24;
    private const int RecordHeaderSize = 16;
    private const int CapturedLengthOffset = 8;
    private const int EspOffset = 14 + 20 + 8;
    private const int Size = 16;

    /// <summary>All there are in a file of tcpdump's; keepalives are none.</summary>
    public static EspFrame[] ReadAll(string pcapFile)
    {
        ReadOnlySpan<byte> rest = File.ReadAllBytes(pcapFile).AsSpan(FileHeaderSize);
        var frames = new List<EspFrame>();
        while (!rest.IsEmpty)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest[CapturedLengthOffset..]);
            ReadOnlySpan<byte> frame = rest.Slice(RecordHeaderSize, length);
            rest = rest[(RecordHeaderSize + length)..];
            if (length >= EspOffset + Size && UdpLength(frame) > Size)
            {
                ReadOnlySpan<byte> esp = frame[EspOffset..];
                frames.Add(new EspFrame(
                    BinaryPrimitives.ReadUInt32BigEndian(esp),
                    BinaryPrimitives.ReadUInt32BigEndian(esp[4..]),
                    BinaryPrimitives.ReadUInt64BigEndian(esp[8..])));
            }
        }

        return [.. frames];
    }

    // Ethernet pads short frames.
    private static int UdpLength(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt16BigEndian(frame[(EspOffset - 4)..]);
}
