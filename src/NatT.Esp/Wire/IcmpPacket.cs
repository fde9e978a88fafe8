using System.Buffers.Binary;

namespace NatT.Esp.Wire;

/// <summary>What all ICMP and ICMPv6 packets of ours have in common: their IP header and how they are summed up.</summary>
public static class IcmpPacket
{
    private const int IPv4HeaderSize = 20;
    private const int IPv6HeaderSize = 40;
    private const int ChecksumOffset = 2;
    private const byte TimeToLive = 64;

    /// <summary>IPv4 protocol or IPv6 next header.</summary>
    public static byte Protocol(bool isIPv6) => isIPv6 ? InnerPacket.ProtocolIcmpV6 : InnerPacket.ProtocolIcmp;

    /// <summary>Octets, without options or extension headers.</summary>
    public static int IPHeaderSize(bool isIPv6) => isIPv6 ? IPv6HeaderSize : IPv4HeaderSize;

    /// <summary>Writes the IP header of a packet as long as <paramref name="packet"/> and returns the rest of it, all zero.</summary>
    public static Span<byte> WriteIPHeader(Span<byte> packet, IpAddress source, IpAddress destination)
    {
        packet.Clear();
        if (source.IsIPv6)
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - IPv6HeaderSize));
            packet[6] = InnerPacket.ProtocolIcmpV6;
            packet[7] = TimeToLive;
            source.WriteTo(packet[8..]);
            destination.WriteTo(packet[24..]);
            return packet[IPv6HeaderSize..];
        }

        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet[6] = 0x40;
        packet[8] = TimeToLive;
        packet[9] = InnerPacket.ProtocolIcmp;
        source.WriteTo(packet[12..]);
        destination.WriteTo(packet[16..]);
        InnerPacket.WriteIPv4Checksum(packet[..IPv4HeaderSize]);
        return packet[IPv4HeaderSize..];
    }

    /// <summary>Writes the checksum of a message that stands right behind its IP header.</summary>
    public static void WriteChecksum(Span<byte> packet)
    {
        Span<byte> icmp = packet[IPHeaderSize(packet[0] >> 4 == 6)..];
        icmp.Slice(ChecksumOffset, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(icmp[ChecksumOffset..], InternetChecksum.Finish(Sum(packet, icmp)));
    }

    /// <summary>Whether a message that stands right behind its IP header has the right checksum.</summary>
    public static bool HasValidChecksum(in InnerPacket packet) => InternetChecksum.Finish(Sum(packet.Octets, packet.Payload)) == 0;

    /// <summary>ICMPv6 covers addresses, length and protocol as well (RFC 4443 §2.3); ICMP does not.</summary>
    private static uint Sum(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> icmp)
    {
        bool isIPv6 = packet[0] >> 4 == 6;
        return InternetChecksum.Add(icmp, isIPv6 ? PseudoHeader.Sum(packet, InnerPacket.ProtocolIcmpV6, icmp.Length) : 0);
    }
}
