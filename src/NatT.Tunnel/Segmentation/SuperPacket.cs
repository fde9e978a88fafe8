using System.Buffers.Binary;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Segmentation;

/// <summary>
/// A packet as a TUN device with offloads gives it: often one that stands for many equal segments, with checksums to be
/// completed. Valid as long as the buffer it was read from.
/// </summary>
/// <remarks>
/// Segments are sealed in batches, so several must be there at once although each header's place in the read buffer
/// belongs to the payload before it. <see cref="Place"/> therefore moves so many octets of each payload's tail to where
/// the cipher will write them anyway, and puts the next header there: nothing else is copied.
/// <code>
/// read buffer   | header 0 | payload 0 . . . . . | payload 1 . . . . . | payload 2 . . |
///                                     | header 1 |          | header 2 |
/// sealed from   |---------- job 0 ----|---------- job 1 ----|------ job 2 ------------|
/// datagram 0    ESP header, IV, (job 0's octets), tail of payload 0, padding, trailer, ICV
/// </code>
/// </remarks>
public readonly ref struct SuperPacket
{
    /// <summary>Octets of an IPv6 header without extension and the longest of TCP.</summary>
    private const int MostPlainHeader = 100;

    private readonly Span<byte> _octets;
    private readonly int _transport;
    private readonly bool _isTcp;

    // The first segment's header may be written over the original, so what changes from one to the next is kept.
    private readonly uint _pseudoHeaderSum;
    private readonly uint _sequence;
    private readonly ushort _identification;
    private readonly byte _tcpFlags;

    private SuperPacket(Span<byte> octets, InnerPacket inner)
    {
        _octets = octets;
        Inner = inner;
        SegmentSize = octets.Length;
        Count = 1;
    }

    private SuperPacket(Span<byte> octets, InnerPacket inner, VirtioHeader header, UpperLayer upper, int headerLength)
        : this(octets, inner)
    {
        _transport = upper.Offset;
        _isTcp = upper.Protocol == UpperLayer.ProtocolTcp;
        HeaderLength = headerLength;
        SegmentSize = header.SegmentSize;
        Count = (octets.Length - headerLength + SegmentSize - 1) / SegmentSize;

        // The kernel's sum knows the final destination, which is elsewhere where there is a routing header.
        Span<byte> transport = octets[_transport..];
        _pseudoHeaderSum = (header.Flags & VirtioHeader.NeedsChecksum) == 0
            ? PseudoHeader.Sum(octets, upper.Protocol, length: 0)
            : BinaryPrimitives.ReadUInt16BigEndian(transport[header.ChecksumOffset..]) + (uint)(ushort)~transport.Length;
        _identification = inner.IsIPv6 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(octets[4..]);
        if (_isTcp)
        {
            _sequence = BinaryPrimitives.ReadUInt32BigEndian(transport[TransportHeader.TcpSequence..]);
            _tcpFlags = transport[TransportHeader.TcpFlags];
        }
    }

    /// <summary>The whole, for whoever looks at its addresses and traffic class; its lengths and checksums are no segment's.</summary>
    public InnerPacket Inner { get; }

    /// <summary>Segments; 1 for an ordinary packet.</summary>
    public int Count { get; }

    /// <summary>Octets of IP and transport header before each segment's payload; 0 for an ordinary packet, which is all payload.</summary>
    public int HeaderLength { get; }

    /// <summary>Octets of payload in each segment but the last, which may have fewer.</summary>
    public int SegmentSize { get; }

    /// <summary>The largest segment as a packet, to compare with the MTU.</summary>
    public int LongestLength => HeaderLength + Payload(0).Length;

    /// <summary>
    /// Checks what the device gave and completes the checksum of an ordinary packet. False where header and packet contradict
    /// each other or the packet is no IP packet; the octets may have been altered even then.
    /// </summary>
    public static bool TryRead(Span<byte> octets, VirtioHeader header, out SuperPacket packet)
    {
        packet = default;
        if (!InnerPacket.TryRead(octets, out InnerPacket inner))
        {
            return false;
        }

        octets = octets[..inner.Octets.Length];
        return header.SegmentationType == VirtioHeader.None
            ? TryReadOrdinary(octets, inner, header, out packet)
            : TryReadSegmented(octets, inner, header, out packet);
    }

    /// <summary>Where segment <paramref name="index"/>'s payload lies, counted from the super-packet's start.</summary>
    public Piece Payload(int index)
    {
        int offset = HeaderLength + (index * SegmentSize);
        return new Piece(offset, Math.Min(SegmentSize, _octets.Length - offset));
    }

    /// <summary>Octets of segment <paramref name="index"/> as a packet.</summary>
    public int Length(int index) => HeaderLength + Payload(index).Length;

    /// <summary>
    /// Makes segment <paramref name="index"/> ready to be sealed: what the cipher shall read lies in the piece returned, counted
    /// from the super-packet's start; the rest of the segment was written into <paramref name="body"/>, at its place. Segments
    /// are placed in ascending order; each stays as it is until the next super-packet is read into the buffer.
    /// </summary>
    /// <param name="index">From 0 to below <see cref="Count"/>.</param>
    /// <param name="body">Where the ciphertext of the segment will be, exactly <see cref="Length"/> less <paramref name="omitted"/> octets.</param>
    /// <param name="omitted">Octets at the segment's start that are not sealed: none, or those of the IP header.</param>
    public Piece Place(int index, Span<byte> body, int omitted = 0)
    {
        Piece payload = Payload(index);
        if (HeaderLength == 0)
        {
            return new Piece(omitted, payload.Length - omitted);
        }

        if (SegmentSize < HeaderLength)
        {
            // The next header would fall on this one.
            CopySegment(index, body, omitted);
            return new Piece(payload.Offset, 0);
        }

        int start = payload.Offset - HeaderLength;
        WriteHeader(index, _octets[start..]);
        start += omitted;
        if (index == Count - 1)
        {
            return new Piece(start, body.Length);
        }

        int moved = body.Length - HeaderLength;
        _octets[(payload.End - HeaderLength)..payload.End].CopyTo(body[moved..]);
        return new Piece(start, moved);
    }

    /// <summary>
    /// Writes the headers of segment <paramref name="index"/>, checksums complete, to the first <see cref="HeaderLength"/> octets
    /// of <paramref name="destination"/>; none for an ordinary packet. The segment after it must not have been placed.
    /// </summary>
    public void WriteHeader(int index, Span<byte> destination)
    {
        if (HeaderLength == 0)
        {
            return;
        }

        Span<byte> header = destination[..HeaderLength];
        _octets[..HeaderLength].CopyTo(header);
        Piece payload = Payload(index);
        WriteIPHeader(header, index, HeaderLength + payload.Length);
        Span<byte> transport = header[_transport..];
        if (_isTcp)
        {
            WriteTcpHeader(transport, index);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[TransportHeader.UdpLength..], (ushort)(transport.Length + payload.Length));
        }

        int checksumOffset = TransportHeader.ChecksumOffset(_isTcp);
        transport.Slice(checksumOffset, 2).Clear();
        uint sum = InternetChecksum.Add(transport, _pseudoHeaderSum + (uint)(transport.Length + payload.Length));
        sum = InternetChecksum.Add(_octets.Slice(payload.Offset, payload.Length), sum);
        WriteChecksum(transport[checksumOffset..], sum, isUdp: !_isTcp);
    }

    /// <summary>Writes the whole segment to <paramref name="destination"/> and returns its octets. No segment must have been placed.</summary>
    public int CopySegment(int index, Span<byte> destination)
    {
        WriteHeader(index, destination);
        Piece payload = Payload(index);
        _octets.Slice(payload.Offset, payload.Length).CopyTo(destination[HeaderLength..]);
        return HeaderLength + payload.Length;
    }

    private void CopySegment(int index, Span<byte> body, int omitted)
    {
        if (omitted == 0)
        {
            CopySegment(index, body);
            return;
        }

        // Nothing is omitted from longer headers.
        Span<byte> header = stackalloc byte[MostPlainHeader];
        WriteHeader(index, header);
        Piece payload = Payload(index);
        header[omitted..HeaderLength].CopyTo(body);
        _octets.Slice(payload.Offset, payload.Length).CopyTo(body[(HeaderLength - omitted)..]);
    }

    private static bool TryReadOrdinary(Span<byte> octets, InnerPacket inner, VirtioHeader header, out SuperPacket packet)
    {
        packet = default;
        if ((header.Flags & VirtioHeader.NeedsChecksum) != 0)
        {
            if (header.ChecksumStart < inner.HeaderLength || header.ChecksumStart + header.ChecksumOffset + 2 > octets.Length)
            {
                return false;
            }

            Span<byte> covered = octets[header.ChecksumStart..];
            bool isUdp = header.ChecksumOffset == TransportHeader.UdpChecksum;
            WriteChecksum(covered[header.ChecksumOffset..], InternetChecksum.Add(covered), isUdp);
        }

        packet = new SuperPacket(octets, inner);
        return true;
    }

    private static bool TryReadSegmented(Span<byte> octets, InnerPacket inner, VirtioHeader header, out SuperPacket packet)
    {
        packet = default;
        bool isUdp = header.SegmentationType == VirtioHeader.Udp;
        byte tcpType = inner.IsIPv6 ? VirtioHeader.TcpIPv6 : VirtioHeader.TcpIPv4;
        if (header.SegmentSize == 0
            || !(isUdp || (header.SegmentationType & ~VirtioHeader.HasEcn) == tcpType)
            || !UpperLayer.TryFind(inner, out UpperLayer upper)
            || upper.IsFragment
            || upper.Protocol != (isUdp ? UpperLayer.ProtocolUdp : UpperLayer.ProtocolTcp))
        {
            return false;
        }

        bool needsChecksum = (header.Flags & VirtioHeader.NeedsChecksum) != 0;
        int checksumOffset = TransportHeader.ChecksumOffset(isTcp: !isUdp);
        if (needsChecksum && (header.ChecksumStart != upper.Offset || header.ChecksumOffset != checksumOffset))
        {
            return false;
        }

        // hdr_len is not to be trusted.
        int headerLength = upper.Offset + TransportHeader.UdpSize;
        if (!isUdp && !TryFindTcpPayload(octets, upper.Offset, out headerLength))
        {
            return false;
        }

        if (headerLength >= octets.Length)
        {
            return false;
        }

        packet = new SuperPacket(octets, inner, header, upper, headerLength);
        return true;
    }

    private static bool TryFindTcpPayload(ReadOnlySpan<byte> octets, int transport, out int headerLength)
    {
        headerLength = 0;
        if (octets.Length - transport < TransportHeader.TcpSize)
        {
            return false;
        }

        int tcpHeaderLength = (octets[transport + TransportHeader.TcpDataOffset] >> 4) * 4;
        headerLength = transport + tcpHeaderLength;
        return tcpHeaderLength >= TransportHeader.TcpSize;
    }

    /// <summary>UDP alone has a word for "no checksum", and writes zero as its other form (RFC 768).</summary>
    internal static void WriteChecksum(Span<byte> field, uint sum, bool isUdp)
    {
        ushort checksum = InternetChecksum.Finish(sum);
        BinaryPrimitives.WriteUInt16BigEndian(field, isUdp && checksum == 0 ? ushort.MaxValue : checksum);
    }

    private void WriteIPHeader(Span<byte> header, int index, int length)
    {
        if (Inner.IsIPv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)(length - Inner.HeaderLength));
            return;
        }

        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)(_identification + index));
        InnerPacket.WriteIPv4Checksum(header[.._transport]);
    }

    private void WriteTcpHeader(Span<byte> transport, int index)
    {
        byte flags = _tcpFlags;
        if (index > 0)
        {
            flags &= unchecked((byte)~TransportHeader.FlagCwr);
        }

        if (index < Count - 1)
        {
            flags &= unchecked((byte)~(TransportHeader.FlagFin | TransportHeader.FlagPsh));
        }

        BinaryPrimitives.WriteUInt32BigEndian(transport[TransportHeader.TcpSequence..], _sequence + (uint)(index * SegmentSize));
        transport[TransportHeader.TcpFlags] = flags;
    }
}
