using System.Buffers.Binary;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Segmentation;

/// <summary>A packet that may be merged with its neighbours, its checksums verified.</summary>
internal readonly ref struct CoalescableSegment
{
    private const ushort IPv4DoNotFragment = 0x4000;

    private readonly ReadOnlySpan<byte> _octets;

    private CoalescableSegment(ReadOnlySpan<byte> octets, bool isIPv6, int transport, int headerLength, bool isTcp)
    {
        _octets = octets;
        IsIPv6 = isIPv6;
        Transport = transport;
        HeaderLength = headerLength;
        IsTcp = isTcp;
    }

    public bool IsIPv6 { get; }

    public bool IsTcp { get; }

    /// <summary>Octets of IP header.</summary>
    public int Transport { get; }

    /// <summary>Octets of IP and transport header.</summary>
    public int HeaderLength { get; }

    public int PayloadLength => _octets.Length - HeaderLength;

    public uint Sequence => IsTcp ? BinaryPrimitives.ReadUInt32BigEndian(_octets[(Transport + TransportHeader.TcpSequence)..]) : 0;

    /// <summary>IPv4's; 0 for IPv6, which has none outside fragments.</summary>
    public ushort Identification => IsIPv6 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(_octets[4..]);

    /// <summary>Whether IPv4 promises that its identification means nothing (RFC 6864 §4.1).</summary>
    public bool IsAtomic => IsIPv6 || (BinaryPrimitives.ReadUInt16BigEndian(_octets[6..]) & IPv4DoNotFragment) != 0;

    /// <summary>The sender wants what is there delivered now.</summary>
    public bool IsPush => IsTcp && (_octets[Transport + TransportHeader.TcpFlags] & TransportHeader.FlagPsh) != 0;

    /// <summary>
    /// False for all that goes through as it came: fragments, IPv4 options, IPv6 extension headers, no payload, TCP flags
    /// other than ACK and PSH, UDP without a checksum, and whatever has a wrong checksum.
    /// </summary>
    public static bool TryRead(in InnerPacket packet, bool takesUdp, out CoalescableSegment segment)
    {
        segment = default;
        ReadOnlySpan<byte> octets = packet.Octets;
        bool isTcp = packet.Protocol == UpperLayer.ProtocolTcp;
        if (!(isTcp || (takesUdp && packet.Protocol == UpperLayer.ProtocolUdp)) || !HasPlainIPHeader(packet))
        {
            return false;
        }

        ReadOnlySpan<byte> transport = octets[packet.HeaderLength..];
        int transportHeaderLength = isTcp ? TcpHeaderLength(transport) : UdpHeaderLength(transport);
        if (transportHeaderLength == 0 || transportHeaderLength >= transport.Length)
        {
            return false;
        }

        // Once merged, the kernel takes our word for it; a damaged packet must not become a good one.
        uint sum = InternetChecksum.Add(transport, PseudoHeader.Sum(octets, packet.Protocol, transport.Length));
        if (InternetChecksum.Finish(sum) != 0)
        {
            return false;
        }

        int headerLength = packet.HeaderLength + transportHeaderLength;
        segment = new CoalescableSegment(octets, packet.IsIPv6, packet.HeaderLength, headerLength, isTcp);
        return true;
    }

    /// <summary>Whether the two headers differ in nothing but what segmentation changes: lengths, numbers, checksums, PSH.</summary>
    /// <param name="first">A packet with equal addresses, ports and protocol.</param>
    public bool HasHeaderLike(ReadOnlySpan<byte> first)
    {
        bool isEqual = IsIPv6
            ? AreEqual(first, 0, 4) && AreEqual(first, 6, 8)
            : AreEqual(first, 0, 2) && AreEqual(first, 6, 10);
        if (!isEqual || !IsTcp)
        {
            return isEqual;
        }

        // The data offset is among what is compared first, so the options have equal lengths.
        int flags = Transport + TransportHeader.TcpFlags;
        return AreEqual(first, Transport + TransportHeader.TcpAcknowledgement, flags)
            && ((first[flags] ^ _octets[flags]) & ~TransportHeader.FlagPsh) == 0
            && AreEqual(first, Transport + TransportHeader.TcpWindow, Transport + TransportHeader.TcpChecksum)
            && AreEqual(first, Transport + TransportHeader.TcpUrgentPointer, HeaderLength);
    }

    private static bool HasPlainIPHeader(in InnerPacket packet) =>
        packet.IsIPv6
        || (packet.HeaderLength == 20
            && (BinaryPrimitives.ReadUInt16BigEndian(packet.Octets[6..]) & ~IPv4DoNotFragment) == 0
            && packet.HasValidHeaderChecksum);

    private static int TcpHeaderLength(ReadOnlySpan<byte> tcp)
    {
        if (tcp.Length < TransportHeader.TcpSize
            || (tcp[TransportHeader.TcpFlags] & ~TransportHeader.FlagPsh) != TransportHeader.FlagAck
            || (tcp[TransportHeader.TcpDataOffset] & 0x0F) != 0)
        {
            return 0;
        }

        int length = (tcp[TransportHeader.TcpDataOffset] >> 4) * 4;
        return length < TransportHeader.TcpSize ? 0 : length;
    }

    private static int UdpHeaderLength(ReadOnlySpan<byte> udp)
    {
        bool isWhole = udp.Length >= TransportHeader.UdpSize
            && BinaryPrimitives.ReadUInt16BigEndian(udp[TransportHeader.UdpLength..]) == udp.Length
            && BinaryPrimitives.ReadUInt16BigEndian(udp[TransportHeader.UdpChecksum..]) != 0;
        return isWhole ? TransportHeader.UdpSize : 0;
    }

    private bool AreEqual(ReadOnlySpan<byte> first, int start, int end) => _octets[start..end].SequenceEqual(first[start..end]);
}
