using System.Buffers.Binary;

namespace NatT.Esp.Wire;

/// <summary>What a datagram on the tunnel's port is (RFC 3948 §2; draft-ietf-ipsec-udp-encaps-00 for the non-IKE framing).</summary>
/// <remarks>
/// <code>
/// FF                                  one octet: NAT keepalive
/// SPI ≠ 0 | sequence | …              ESP, RFC 3948
/// 00000000 00000000 | SPI | …         ESP, non-IKE framing
/// 00000000 | anything else            IKE, or nothing of ours
/// </code>
/// </remarks>
public static class UdpEncapsulation
{
    /// <summary>The one-octet NAT keepalive.</summary>
    public const byte Keepalive = 0xFF;

    /// <summary>The longest UDP payload over IPv4, in octets.</summary>
    public const int LongestDatagram = 65507;

    private const int NonIkeMarkerSize = 8;

    /// <summary>Octets between the UDP header and the SPI.</summary>
    public static int MarkerSize(UdpFraming framing) => framing == UdpFraming.NonIke ? NonIkeMarkerSize : 0;

    /// <summary>Writes what the framing puts before the SPI and returns its octets.</summary>
    public static int WriteMarker(Span<byte> datagram, UdpFraming framing)
    {
        int size = MarkerSize(framing);
        datagram[..size].Clear();
        return size;
    }

    public static bool IsKeepalive(ReadOnlySpan<byte> datagram) => datagram is [Keepalive];

    /// <summary>Finds the ESP packet; it may still be shorter than any SA allows.</summary>
    /// <param name="datagram">A UDP payload that is no keepalive.</param>
    /// <param name="framing">How the packet was framed.</param>
    /// <returns><see cref="DropReason.None"/>, or why there is none: too short, IKE, or a reserved SPI.</returns>
    public static DropReason TryFindEsp(ReadOnlySpan<byte> datagram, out UdpFraming framing)
    {
        framing = UdpFraming.Rfc3948;
        if (datagram.Length < EspHeader.Size)
        {
            return DropReason.TooShort;
        }

        uint spi = EspHeader.ReadSpi(datagram);
        if (spi == 0)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != 0)
            {
                return DropReason.Ike;
            }

            if (datagram.Length < NonIkeMarkerSize + EspHeader.Size)
            {
                return DropReason.TooShort;
            }

            framing = UdpFraming.NonIke;
            spi = EspHeader.ReadSpi(datagram[NonIkeMarkerSize..]);
        }

        return spi <= EspHeader.LastReservedSpi ? DropReason.ReservedSpi : DropReason.None;
    }
}
