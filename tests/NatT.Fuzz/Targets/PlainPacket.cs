using System.Buffers.Binary;

namespace NatT.Fuzz.Targets;

/// <summary>IP packets read in the plainest way, so that the code under test does not vouch for itself.</summary>
internal static class PlainPacket
{
    /// <summary>The packet's own length; null where its header is no header or lies.</summary>
    public static int? Length(ReadOnlySpan<byte> octets)
    {
        int version = octets.IsEmpty ? 0 : octets[0] / 16;
        if (version == 4 && octets.Length >= 20)
        {
            int total = (octets[2] * 256) + octets[3];
            int header = octets[0] % 16 * 4;
            return header >= 20 && total >= header && total <= octets.Length ? total : null;
        }

        if (version == 6 && octets.Length >= 40)
        {
            int total = 40 + (octets[4] * 256) + octets[5];
            return total <= octets.Length ? total : null;
        }

        return null;
    }

    /// <summary>Octets of IPv4 header, or of IPv6's fixed one.</summary>
    public static int HeaderLength(ReadOnlySpan<byte> packet) => packet[0] / 16 == 6 ? 40 : packet[0] % 16 * 4;

    public static bool HasGoodHeaderChecksum(ReadOnlySpan<byte> packet) =>
        packet[0] / 16 == 6 || PlainChecksum.Of(packet[..HeaderLength(packet)]) == 0;

    /// <summary>Whether the checksum of what begins at <paramref name="transport"/> covers it and the pseudo-header.</summary>
    public static bool HasGoodTransportChecksum(ReadOnlySpan<byte> packet, int transport, byte protocol) =>
        PlainChecksum.Of([.. PseudoHeader(packet, transport, protocol), .. packet[transport..]]) == 0;

    public static byte[] PseudoHeader(ReadOnlySpan<byte> packet, int transport, byte protocol)
    {
        int length = packet.Length - transport;
        ReadOnlySpan<byte> addresses = packet[0] / 16 == 6 ? packet[8..40] : packet[12..20];
        return [.. addresses, 0, protocol, (byte)(length / 256), (byte)length];
    }

    /// <summary>Makes length and checksum of the IP header what they must be, where there is one.</summary>
    public static void Repair(Span<byte> packet)
    {
        if (packet.Length >= 40 && packet[0] / 16 == 6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - 40));
        }
        else if (packet.Length >= 20 && packet[0] / 16 == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
            Span<byte> header = packet[..Math.Min(packet.Length, packet[0] % 16 * 4)];
            if (header.Length >= 20)
            {
                header[10] = header[11] = 0;
                BinaryPrimitives.WriteUInt16BigEndian(header[10..], PlainChecksum.Of(header));
            }
        }
    }

    /// <summary>In hexadecimal, without the identification of an IPv4 packet with DF, which means nothing (RFC 6864 §4.1).</summary>
    public static string Comparable(ReadOnlySpan<byte> packet)
    {
        byte[] copy = packet.ToArray();
        if (copy.Length >= 20 && copy[0] / 16 == 4 && (copy[6] & 0x40) != 0)
        {
            copy[4] = copy[5] = copy[10] = copy[11] = 0;
        }

        return Convert.ToHexString(copy);
    }
}
