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
    private const int IPv4HeaderSize = 20;
    private const int IPv6HeaderSize = 40;
    private const byte TimeToLive = 64;

    /// <summary>Octets of a whole echo packet.</summary>
    public static int PacketSize(bool isIPv6, int payloadSize) => (isIPv6 ? IPv6HeaderSize : IPv4HeaderSize) + HeaderSize + payloadSize;

    /// <summary>Writes an echo request and returns its octets.</summary>
    public static int WriteRequest(Span<byte> packet, IpAddress source, IpAddress destination, ushort sequence, ReadOnlySpan<byte> payload)
    {
        int size = PacketSize(source.IsIPv6, payload.Length);
        packet = packet[..size];
        packet.Clear();
        WriteIPHeader(packet, source, destination);
        Span<byte> icmp = packet[(source.IsIPv6 ? IPv6HeaderSize : IPv4HeaderSize)..];
        icmp[0] = RequestType(source.IsIPv6);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[4..], BinaryPrimitives.ReadUInt16BigEndian(payload));
        BinaryPrimitives.WriteUInt16BigEndian(icmp[6..], sequence);
        payload.CopyTo(icmp[HeaderSize..]);
        WriteChecksum(icmp, source, destination);
        return size;
    }

    /// <summary>Writes the reply to <paramref name="request"/> and returns its octets.</summary>
    public static int WriteReply(Span<byte> packet, in InnerPacket request)
    {
        int size = PacketSize(request.IsIPv6, request.Payload.Length - HeaderSize);
        packet = packet[..size];
        packet.Clear();
        WriteIPHeader(packet, request.Destination, request.Source);
        Span<byte> icmp = packet[(request.IsIPv6 ? IPv6HeaderSize : IPv4HeaderSize)..];
        request.Payload.CopyTo(icmp);
        icmp[0] = ReplyType(request.IsIPv6);
        WriteChecksum(icmp, request.Destination, request.Source);
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
        return packet.Protocol == Protocol(packet.IsIPv6)
            && !packet.IsIPv4Fragment
            && icmp.Length >= HeaderSize
            && icmp[0] == type
            && icmp[1] == 0
            && InternetChecksum.Finish(InternetChecksum.Add(icmp, PseudoHeaderSum(icmp.Length, packet.Source, packet.Destination))) == 0;
    }

    private static byte RequestType(bool isIPv6) => isIPv6 ? (byte)128 : (byte)8;

    private static byte ReplyType(bool isIPv6) => isIPv6 ? (byte)129 : (byte)0;

    private static byte Protocol(bool isIPv6) => isIPv6 ? InnerPacket.ProtocolIcmpV6 : InnerPacket.ProtocolIcmp;

    private static void WriteIPHeader(Span<byte> packet, IpAddress source, IpAddress destination)
    {
        if (source.IsIPv6)
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - IPv6HeaderSize));
            packet[6] = InnerPacket.ProtocolIcmpV6;
            packet[7] = TimeToLive;
            source.WriteTo(packet[8..]);
            destination.WriteTo(packet[24..]);
            return;
        }

        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet[6] = 0x40;
        packet[8] = TimeToLive;
        packet[9] = InnerPacket.ProtocolIcmp;
        source.WriteTo(packet[12..]);
        destination.WriteTo(packet[16..]);
        InnerPacket.WriteIPv4Checksum(packet[..IPv4HeaderSize]);
    }

    private static void WriteChecksum(Span<byte> icmp, IpAddress source, IpAddress destination)
    {
        icmp.Slice(2, 2).Clear();
        uint sum = InternetChecksum.Add(icmp, PseudoHeaderSum(icmp.Length, source, destination));
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], InternetChecksum.Finish(sum));
    }

    /// <summary>ICMPv6 covers addresses, length and protocol as well (RFC 4443 §2.3); ICMP does not.</summary>
    private static uint PseudoHeaderSum(int length, IpAddress source, IpAddress destination)
    {
        if (!source.IsIPv6)
        {
            return 0;
        }

        Span<byte> pseudo = stackalloc byte[40];
        source.WriteTo(pseudo);
        destination.WriteTo(pseudo[16..]);
        BinaryPrimitives.WriteInt32BigEndian(pseudo[32..], length);
        BinaryPrimitives.WriteInt32BigEndian(pseudo[36..], InnerPacket.ProtocolIcmpV6);
        return InternetChecksum.Add(pseudo);
    }
}
