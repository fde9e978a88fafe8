using System.Buffers.Binary;

namespace NatT.Interop.Tests.Tshark;

/// <summary>
/// Takes the eight zero octets of draft-ietf-ipsec-udp-encaps-00 out of captured frames: tshark knows RFC 3948 alone and reads
/// them as IKE's marker. Everything from the SPI to the ICV stays as it was sent; UDP checksums no longer hold.
/// </summary>
internal static class NonIkeMarker
{
    private const int FileHeaderSize = 24;
    private const int LinkTypeOffset = 20;
    private const int RecordHeaderSize = 16;
    private const int CapturedLengthOffset = 8;
    private const int OriginalLengthOffset = 12;
    private const int IPv4HeaderSize = 20;
    private const int UdpHeaderSize = 8;
    private const int MarkerSize = 8;

    /// <summary>Writes the capture without the markers; fails the test where a frame has none.</summary>
    public static void Strip(string pcapFile, string strippedFile)
    {
        byte[] capture = File.ReadAllBytes(pcapFile);
        using FileStream stripped = File.Create(strippedFile);
        stripped.Write(capture, 0, FileHeaderSize);
        int ip = LinkHeaderSize(BinaryPrimitives.ReadInt32LittleEndian(capture.AsSpan(LinkTypeOffset)));
        int udp = ip + IPv4HeaderSize;
        int marker = udp + UdpHeaderSize;
        int length;
        for (int offset = FileHeaderSize; offset < capture.Length; offset += RecordHeaderSize + length)
        {
            Span<byte> header = capture.AsSpan(offset, RecordHeaderSize);
            length = BinaryPrimitives.ReadInt32LittleEndian(header[CapturedLengthOffset..]);
            Span<byte> frame = capture.AsSpan(offset + RecordHeaderSize, length);
            Assert.Equal(new byte[MarkerSize], frame.Slice(marker, MarkerSize).ToArray());

            Shorten(frame[(ip + 2)..]);
            Shorten(frame[(udp + 4)..]);
            BinaryPrimitives.WriteInt32LittleEndian(header[CapturedLengthOffset..], length - MarkerSize);
            BinaryPrimitives.WriteInt32LittleEndian(header[OriginalLengthOffset..], length - MarkerSize);
            stripped.Write(header);
            stripped.Write(frame[..marker]);
            stripped.Write(frame[(marker + MarkerSize)..]);
        }
    }

    /// <summary>Of the link types that tcpdump writes for the pseudo-device "any".</summary>
    private static int LinkHeaderSize(int linkType) => linkType switch
    {
        113 => 16, // LINUX_SLL
        276 => 20, // LINUX_SLL2
        _ => throw new InvalidDataException($"a capture of link type {linkType}"),
    };

    /// <summary>Corrects a length field of the IPv4 or UDP header.</summary>
    private static void Shorten(Span<byte> field) =>
        BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(field) - MarkerSize));
}
