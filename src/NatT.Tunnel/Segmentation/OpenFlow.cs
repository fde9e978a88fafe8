using System.Buffers.Binary;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Segmentation;

/// <summary>The packets of one flow that are merged so far. One coalescer owns it.</summary>
internal sealed class OpenFlow
{
    /// <summary>UDP segments that every kernel takes in one packet.</summary>
    private const int MaximumDatagrams = 64;

    public const int MaximumSegments = 128;

    private readonly Piece[] _pieces = new Piece[MaximumSegments];
    private int _count;
    private bool _isIPv6;
    private int _transport;
    private int _headerLength;
    private int _segmentSize;
    private uint _nextSequence;
    private ushort _firstIdentification;
    private bool _isIdentificationFixed;
    private bool _endsWithPush;

    public bool IsOpen => _count > 0;

    public byte Protocol { get; private set; }

    /// <summary>Where its first packet lies.</summary>
    public Piece First => _pieces[0];

    /// <summary>The packets: the first whole, of the others the payload.</summary>
    public ReadOnlySpan<Piece> Pieces => _pieces.AsSpan(0, _count);

    /// <summary>Octets as one packet.</summary>
    public int Length { get; private set; }

    /// <summary>Nothing may follow: the last packet was shorter, or pushes, or the next would be too much.</summary>
    public bool IsComplete { get; private set; }

    public void Open(in CoalescableSegment segment, Piece packet)
    {
        _pieces[0] = packet;
        _count = 1;
        _isIPv6 = segment.IsIPv6;
        _transport = segment.Transport;
        _headerLength = segment.HeaderLength;
        _segmentSize = segment.PayloadLength;
        _nextSequence = segment.Sequence + (uint)segment.PayloadLength;
        _firstIdentification = segment.Identification;
        _isIdentificationFixed = false;
        _endsWithPush = segment.IsPush;
        Protocol = segment.IsTcp ? UpperLayer.ProtocolTcp : UpperLayer.ProtocolUdp;
        Length = packet.Length;
        IsComplete = segment.IsPush;
    }

    /// <summary>Takes a packet of the same addresses, ports and protocol if it goes on where the last ended.</summary>
    /// <param name="segment">The packet.</param>
    /// <param name="packet">Where it lies.</param>
    /// <param name="first">The octets of <see cref="First"/>.</param>
    public bool TryAppend(in CoalescableSegment segment, Piece packet, ReadOnlySpan<byte> first)
    {
        if (IsComplete
            || segment.PayloadLength > _segmentSize
            || segment.PayloadLength > ushort.MaxValue - Length
            || (segment.IsTcp && segment.Sequence != _nextSequence)
            || !ContinuesIdentification(segment)
            || !segment.HasHeaderLike(first))
        {
            return false;
        }

        _pieces[_count++] = new Piece(packet.Offset + _headerLength, segment.PayloadLength);
        _nextSequence += (uint)segment.PayloadLength;
        _endsWithPush = segment.IsPush;
        Length += segment.PayloadLength;
        IsComplete = segment.IsPush
            || segment.PayloadLength < _segmentSize
            || _count == (segment.IsTcp ? MaximumSegments : MaximumDatagrams);
        return true;
    }

    /// <summary>Ends the flow, turning the header of its first packet into that of the whole where there are several.</summary>
    /// <param name="first">The octets of <see cref="First"/>.</param>
    /// <returns>What the device must know of it.</returns>
    public VirtioHeader Close(Span<byte> first)
    {
        int count = _count;
        _count = 0;
        if (count == 1)
        {
            return default;
        }

        bool isTcp = Protocol == UpperLayer.ProtocolTcp;
        WriteIPLength(first, Length, _transport);
        Span<byte> transport = first[_transport.._headerLength];
        int transportLength = Length - _transport;
        if (!isTcp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[TransportHeader.UdpLength..], (ushort)transportLength);
        }
        else if (_endsWithPush)
        {
            transport[TransportHeader.TcpFlags] |= TransportHeader.FlagPsh;
        }

        int checksumOffset = TransportHeader.ChecksumOffset(isTcp);
        BinaryPrimitives.WriteUInt16BigEndian(transport[checksumOffset..], (ushort)PseudoHeader.Sum(first, Protocol, transportLength));
        byte tcpType = _isIPv6 ? VirtioHeader.TcpIPv6 : VirtioHeader.TcpIPv4;
        return new VirtioHeader(
            VirtioHeader.NeedsChecksum,
            isTcp ? tcpType : VirtioHeader.Udp,
            (ushort)_headerLength,
            (ushort)_segmentSize,
            (ushort)_transport,
            (ushort)checksumOffset);
    }

    /// <summary>Makes the first packet again what it was before <see cref="Close"/> made several one.</summary>
    /// <param name="first">Its octets.</param>
    /// <param name="header">What <see cref="Close"/> returned.</param>
    public static void Reopen(Span<byte> first, in VirtioHeader header)
    {
        bool isTcp = header.SegmentationType != VirtioHeader.Udp;
        WriteIPLength(first, first.Length, header.ChecksumStart);
        Span<byte> transport = first[header.ChecksumStart..];
        if (isTcp)
        {
            // Nothing follows a packet that pushes, and several followed this one.
            transport[TransportHeader.TcpFlags] &= unchecked((byte)~TransportHeader.FlagPsh);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[TransportHeader.UdpLength..], (ushort)transport.Length);
        }

        Span<byte> checksum = transport.Slice(header.ChecksumOffset, sizeof(ushort));
        checksum.Clear();
        byte protocol = isTcp ? UpperLayer.ProtocolTcp : UpperLayer.ProtocolUdp;
        uint sum = InternetChecksum.Add(transport, PseudoHeader.Sum(first, protocol, transport.Length));
        SuperPacket.WriteChecksum(checksum, sum, isUdp: !isTcp);
    }

    /// <summary>
    /// Identifications count up, or stay the same where they mean nothing; the second packet decides. Segmented again, they
    /// always count up.
    /// </summary>
    private bool ContinuesIdentification(in CoalescableSegment segment)
    {
        ushort distance = (ushort)(segment.Identification - _firstIdentification);
        if (_count == 1)
        {
            _isIdentificationFixed = distance == 0 && segment.IsAtomic;
        }

        return distance == (_isIdentificationFixed ? 0 : _count);
    }

    private static void WriteIPLength(Span<byte> packet, int length, int headerLength)
    {
        if (packet[0] >> 4 == 6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(length - headerLength));
            return;
        }

        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)length);
        InnerPacket.WriteIPv4Checksum(packet[..headerLength]);
    }
}
