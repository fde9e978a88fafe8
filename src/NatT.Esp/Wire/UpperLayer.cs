using System.Buffers.Binary;

namespace NatT.Esp.Wire;

/// <summary>Where an IP packet's upper-layer header is, behind IPv4 options and IPv6 extension headers (RFC 8200 §4).</summary>
/// <param name="Protocol">TCP, UDP, ICMP, …</param>
/// <param name="Offset">Its first octet, counted from the packet's start; in a later fragment, that of what stands in its place.</param>
/// <param name="IsFragment">Whether the packet is part of a larger one.</param>
/// <param name="IsLaterFragment">Whether it is a part other than the first, so that no upper-layer header is in it.</param>
public readonly record struct UpperLayer(byte Protocol, int Offset, bool IsFragment, bool IsLaterFragment)
{
    public const byte ProtocolTcp = 6;
    public const byte ProtocolUdp = 17;

    /// <summary>The next header that announces a fragment header.</summary>
    public const byte Fragment = 44;

    private const byte HopByHopOptions = 0;
    private const byte Routing = 43;
    private const byte DestinationOptions = 60;

    private const int ExtensionUnit = 8;

    /// <summary>Whether an IPv6 next header announces no upper layer, but an extension header with a next header of its own.</summary>
    public static bool IsExtension(byte nextHeader) => nextHeader is HopByHopOptions or Routing or Fragment or DestinationOptions;

    /// <summary>Follows the headers; false where one lies about its length.</summary>
    public static bool TryFind(in InnerPacket packet, out UpperLayer upper)
    {
        if (packet.IsIPv6)
        {
            return TryFindIPv6(packet, out upper);
        }

        bool isLater = (BinaryPrimitives.ReadUInt16BigEndian(packet.Octets[6..]) & 0x1FFF) != 0;
        upper = new UpperLayer(packet.Protocol, packet.HeaderLength, packet.IsIPv4Fragment, isLater);
        return true;
    }

    private static bool TryFindIPv6(in InnerPacket packet, out UpperLayer upper)
    {
        upper = new UpperLayer(packet.Protocol, packet.HeaderLength, IsFragment: false, IsLaterFragment: false);
        while (!upper.IsLaterFragment && IsExtension(upper.Protocol))
        {
            ReadOnlySpan<byte> extension = packet.Octets[upper.Offset..];
            if (extension.Length < ExtensionUnit)
            {
                return false;
            }

            bool isFragment = upper.Protocol == Fragment;
            int length = isFragment ? ExtensionUnit : (extension[1] + 1) * ExtensionUnit;
            if (length > extension.Length)
            {
                return false;
            }

            upper = new UpperLayer(
                extension[0],
                upper.Offset + length,
                upper.IsFragment || isFragment,
                isFragment && (BinaryPrimitives.ReadUInt16BigEndian(extension[2..]) & 0xFFF8) != 0);
        }

        return true;
    }
}
