using System.Buffers.Binary;

namespace NatT.Esp.Wire;

/// <summary>ICMP and ICMPv6 echo inside the tunnel (RFC 792, RFC 4443 §4): what probes are made of.</summary>
/// <remarks>
/// <code>
/// +------+------+----------+------------+----------+------------------+
/// | type | code | checksum | identifier | sequence | payload          |
/// +------+------+----------+------------+----------+------------------+
/// </code>
/// </remarks>
public static class IcmpEcho
{
    private const int HeaderSize = 8;

    /// <summary>Octets of a whole echo packet.</summary>
    public static int PacketSize(bool isIPv6, int payloadSize) => IcmpPacket.IPHeaderSize(isIPv6) + HeaderSize + payloadSize;

    /// <summary>Writes an echo request and returns its octets.</summary>
    public static int WriteRequest(Span<byte> packet, IpAddress source, IpAddress destination, ushort sequence, ReadOnlySpan<byte> payload)
    {
        int size = PacketSize(source.IsIPv6, payload.Length);
        packet = packet[..size];
        Span<byte> icmp = IcmpPacket.WriteIPHeader(packet, source, destination);
        icmp[0] = RequestType(source.IsIPv6);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[4..], BinaryPrimitives.ReadUInt16BigEndian(payload));
        BinaryPrimitives.WriteUInt16BigEndian(icmp[6..], sequence);
        payload.CopyTo(icmp[HeaderSize..]);
        IcmpPacket.WriteChecksum(packet);
        return size;
    }

    /// <summary>Writes the reply to <paramref name="request"/> and returns its octets.</summary>
    public static int WriteReply(Span<byte> packet, in InnerPacket request)
    {
        int size = PacketSize(request.IsIPv6, request.Payload.Length - HeaderSize);
        packet = packet[..size];
        Span<byte> icmp = IcmpPacket.WriteIPHeader(packet, request.Destination, request.Source);
        request.Payload.CopyTo(icmp);
        icmp[0] = ReplyType(request.IsIPv6);
        IcmpPacket.WriteChecksum(packet);
        return size;
    }

    /// <summary>Whether <paramref name="packet"/> is a whole echo request with a right checksum.</summary>
    public static bool IsRequest(in InnerPacket packet) => IsEcho(packet, RequestType(packet.IsIPv6));

    /// <summary>The payload of a whole echo reply with a right checksum.</summary>
    public static bool TryReadReply(in InnerPacket packet, out ReadOnlySpan<byte> payload)
    {
        bool isReply = IsEcho(packet, ReplyType(packet.IsIPv6));
        payload = isReply ? packet.Payload[HeaderSize..] : default;
        return isReply;
    }

    private static bool IsEcho(in InnerPacket packet, byte type)
    {
        ReadOnlySpan<byte> icmp = packet.Payload;
        return packet.Protocol == IcmpPacket.Protocol(packet.IsIPv6)
            && !packet.IsIPv4Fragment
            && icmp.Length >= HeaderSize
            && icmp[0] == type
            && icmp[1] == 0
            && IcmpPacket.HasValidChecksum(packet);
    }

    private static byte RequestType(bool isIPv6) => isIPv6 ? (byte)128 : (byte)8;

    private static byte ReplyType(bool isIPv6) => isIPv6 ? (byte)129 : (byte)0;
}
