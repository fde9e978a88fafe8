using System.Buffers.Binary;

namespace NatT.Esp.Wire;

/// <summary>
/// A view of an IPv4 or IPv6 packet whose header was checked once: version, header length and total length agree with
/// the octets that are there. Valid as long as the span it was read from.
/// </summary>
public readonly ref struct InnerPacket
{
    public const byte ProtocolIcmp = 1;
    public const byte ProtocolIcmpV6 = 58;

    private const int IPv4HeaderSize = 20;
    private const int IPv6HeaderSize = 40;

    private InnerPacket(ReadOnlySpan<byte> octets, bool isIPv6, int headerLength)
    {
        Octets = octets;
        IsIPv6 = isIPv6;
        HeaderLength = headerLength;
    }

    /// <summary>The packet itself, without whatever trailed it.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    public bool IsIPv6 { get; }

    /// <summary>Octets of IPv4 header with options, or of the fixed IPv6 header.</summary>
    public int HeaderLength { get; }

    public IpAddress Source => IsIPv6 ? IpAddress.ReadIPv6(Octets.Slice(8, 16)) : IpAddress.ReadIPv4(Octets.Slice(12, 4));

    public IpAddress Destination => IsIPv6 ? IpAddress.ReadIPv6(Octets.Slice(24, 16)) : IpAddress.ReadIPv4(Octets.Slice(16, 4));

    /// <summary>IPv4 protocol or IPv6 next header.</summary>
    public byte Protocol => Octets[IsIPv6 ? 6 : 9];

    /// <summary>IPv4 TOS or IPv6 traffic class: DSCP and ECN.</summary>
    public byte TrafficClass => ReadTrafficClass(Octets, IsIPv6);

    public ReadOnlySpan<byte> Payload => Octets[HeaderLength..];

    /// <summary>Whether this is a piece of a fragmented IPv4 packet.</summary>
    public bool IsIPv4Fragment => !IsIPv6 && (BinaryPrimitives.ReadUInt16BigEndian(Octets[6..]) & 0x3FFF) != 0;

    /// <summary>Always true for IPv6, which has no header checksum.</summary>
    public bool HasValidHeaderChecksum => IsIPv6 || InternetChecksum.Finish(InternetChecksum.Add(Octets[..HeaderLength])) == 0;

    /// <summary>The ESP next header that announces this packet.</summary>
    public byte NextHeader => IsIPv6 ? EspTrailer.NextHeaderIPv6 : EspTrailer.NextHeaderIPv4;

    /// <summary>Reads the packet at the start of <paramref name="octets"/>; anything behind its stated length is left out (TFC padding).</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out InnerPacket packet)
    {
        packet = default;
        return octets.IsEmpty ? false : (octets[0] >> 4) switch
        {
            4 => TryReadIPv4(octets, out packet),
            6 => TryReadIPv6(octets, out packet),
            _ => false,
        };
    }

    /// <summary>Replaces the traffic class of a packet known to be valid and mends its checksum.</summary>
    public static void WriteTrafficClass(Span<byte> octets, byte trafficClass)
    {
        if (octets[0] >> 4 == 6)
        {
            octets[0] = (byte)(0x60 | (trafficClass >> 4));
            octets[1] = (byte)((trafficClass << 4) | (octets[1] & 0x0F));
            return;
        }

        octets[1] = trafficClass;
        WriteIPv4Checksum(octets[..((octets[0] & 0x0F) * 4)]);
    }

    /// <summary>Writes the checksum of an IPv4 header, options included.</summary>
    public static void WriteIPv4Checksum(Span<byte> header)
    {
        header.Slice(10, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], InternetChecksum.Finish(InternetChecksum.Add(header)));
    }

    private static byte ReadTrafficClass(ReadOnlySpan<byte> octets, bool isIPv6) =>
        isIPv6 ? (byte)((octets[0] << 4) | (octets[1] >> 4)) : octets[1];

    private static bool TryReadIPv4(ReadOnlySpan<byte> octets, out InnerPacket packet)
    {
        packet = default;
        if (octets.Length < IPv4HeaderSize)
        {
            return false;
        }

        int headerLength = (octets[0] & 0x0F) * 4;
        int totalLength = BinaryPrimitives.ReadUInt16BigEndian(octets[2..]);
        if (headerLength < IPv4HeaderSize || totalLength < headerLength || totalLength > octets.Length)
        {
            return false;
        }

        packet = new InnerPacket(octets[..totalLength], isIPv6: false, headerLength);
        return true;
    }

    private static bool TryReadIPv6(ReadOnlySpan<byte> octets, out InnerPacket packet)
    {
        packet = default;
        if (octets.Length < IPv6HeaderSize)
        {
            return false;
        }

        int totalLength = IPv6HeaderSize + BinaryPrimitives.ReadUInt16BigEndian(octets[4..]);
        if (totalLength > octets.Length)
        {
            return false;
        }

        packet = new InnerPacket(octets[..totalLength], isIPv6: true, IPv6HeaderSize);
        return true;
    }
}
