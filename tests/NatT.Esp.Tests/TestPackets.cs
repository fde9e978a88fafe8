using System.Buffers.Binary;
using System.Net;

namespace NatT.Esp.Tests;

/// <summary>Packets written octet by octet, with checksums computed here rather than by the code under test.</summary>
internal static class TestPackets
{
    /// <summary>A valid IPv4 packet of protocol 17; <paramref name="options"/> is a multiple of four.</summary>
    public static byte[] IPv4(string source, string destination, int payloadLength = 8, int options = 0, byte trafficClass = 0)
    {
        byte[] packet = new byte[20 + options + payloadLength];
        packet[0] = (byte)(0x40 | ((20 + options) / 4));
        packet[1] = trafficClass;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = 17;
        IPAddress.Parse(source).GetAddressBytes().CopyTo(packet, 12);
        IPAddress.Parse(destination).GetAddressBytes().CopyTo(packet, 16);
        packet.AsSpan(20, options).Fill(1);
        Enumerable.Range(1, payloadLength).Select(i => (byte)i).ToArray().CopyTo(packet, 20 + options);
        MendHeaderChecksum(packet);
        return packet;
    }

    /// <summary>A valid IPv6 packet of next header 17.</summary>
    public static byte[] IPv6(string source, string destination, int payloadLength = 8, byte trafficClass = 0)
    {
        byte[] packet = new byte[40 + payloadLength];
        packet[0] = (byte)(0x60 | (trafficClass >> 4));
        packet[1] = (byte)(trafficClass << 4);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)payloadLength);
        packet[6] = 17;
        packet[7] = 64;
        IPAddress.Parse(source).GetAddressBytes().CopyTo(packet, 8);
        IPAddress.Parse(destination).GetAddressBytes().CopyTo(packet, 24);
        Enumerable.Range(1, payloadLength).Select(i => (byte)i).ToArray().CopyTo(packet, 40);
        return packet;
    }

    public static void MendHeaderChecksum(byte[] packet)
    {
        packet[10] = packet[11] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Checksum(packet[..((packet[0] & 15) * 4)]));
    }

    public static ushort Checksum(byte[] octets) => PlainChecksum.Of(octets);

    /// <summary>The ICMPv6 pseudo-header (RFC 8200 §8.1) and the message behind it.</summary>
    public static byte[] WithPseudoHeader(byte[] ipv6Packet)
    {
        byte[] message = ipv6Packet[40..];
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, message.Length);
        return [.. ipv6Packet[8..40], .. length, 0, 0, 0, 58, .. message];
    }
}
