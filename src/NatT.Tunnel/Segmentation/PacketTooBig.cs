using System.Buffers.Binary;
using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Segmentation;

/// <summary>
/// ICMP "fragmentation needed and DF set" (RFC 792, RFC 1191 §4) and ICMPv6 "packet too big" (RFC 4443 §3.2), as a router
/// tells a sender. How often is the caller's business.
/// </summary>
/// <remarks>
/// <code>
/// IPv4  +--------+--------+----------+----------+----------+-----------------------------+
///       | type 3 | code 4 | checksum |    0     | MTU      | as much of the packet as    |
/// IPv6  +--------+--------+----------+----------+----------+ fits 576 or 1280 octets     |
///       | type 2 | code 0 | checksum | MTU                 |                             |
///       +--------+--------+----------+---------------------+-----------------------------+
/// </code>
/// </remarks>
public static class PacketTooBig
{
    /// <summary>Octets of the largest packet written: IPv6's smallest MTU (RFC 4443 §2.4 (c)).</summary>
    public const int LargestSize = 1280;

    /// <summary>What every IPv4 host takes in one piece (RFC 1812 §4.3.2.3).</summary>
    private const int LargestIPv4Size = 576;

    private const int IcmpHeaderSize = 8;
    private const int MtuOffset = 4;
    private const byte InternetworkControl = 0xC0;
    private const ushort IPv4DoNotFragment = 0x4000;

    /// <summary>
    /// Writes the message that answers <paramref name="packet"/>, and its octets to <paramref name="length"/>; false where a router
    /// keeps silent, or would cut the packet in fragments instead.
    /// </summary>
    /// <param name="destination">At least <see cref="LargestSize"/> octets.</param>
    /// <param name="packet">What is too long.</param>
    /// <param name="source">Who says so, of the same family; a kernel discards what claims to come from one of its own addresses.</param>
    /// <param name="mtu">Octets of the largest packet that would pass.</param>
    /// <param name="length">Octets written.</param>
    public static bool TryWrite(Span<byte> destination, in InnerPacket packet, IpAddress source, int mtu, out int length)
    {
        length = 0;
        if (source.IsIPv6 != packet.IsIPv6 || !MayBeAnswered(packet))
        {
            return false;
        }

        int headers = IcmpPacket.IPHeaderSize(packet.IsIPv6) + IcmpHeaderSize;
        int quoted = Math.Min(packet.Octets.Length, (packet.IsIPv6 ? LargestSize : LargestIPv4Size) - headers);
        length = headers + quoted;
        Span<byte> message = destination[..length];
        Span<byte> icmp = IcmpPacket.WriteIPHeader(message, source, packet.Source);
        if (packet.IsIPv6)
        {
            icmp[0] = 2;
            BinaryPrimitives.WriteInt32BigEndian(icmp[MtuOffset..], mtu);
        }
        else
        {
            icmp[0] = 3;
            icmp[1] = 4;
            BinaryPrimitives.WriteUInt16BigEndian(icmp[(MtuOffset + 2)..], (ushort)Math.Min(mtu, ushort.MaxValue));

            // RFC 1812 §4.3.2.5.
            InnerPacket.WriteTrafficClass(message, InternetworkControl);
        }

        packet.Octets[..quoted].CopyTo(icmp[IcmpHeaderSize..]);
        IcmpPacket.WriteChecksum(message);
        return true;
    }

    /// <summary>RFC 1812 §4.3.2.7 and RFC 4443 §2.4 (e).</summary>
    private static bool MayBeAnswered(in InnerPacket packet)
    {
        if (Martian.IsSource(packet.Source) || !UpperLayer.TryFind(packet, out UpperLayer upper) || upper.IsLaterFragment)
        {
            return false;
        }

        if (upper.Protocol == IcmpPacket.Protocol(packet.IsIPv6) && IsError(packet, upper))
        {
            return false;
        }

        // IPv6 senders learn the MTU of multicast paths this way too; IPv4's must not be answered (224/4 and 240/4).
        return packet.IsIPv6 || (HasDoNotFragment(packet) && packet.Octets[16] < 224 && packet.HasValidHeaderChecksum);
    }

    private static bool HasDoNotFragment(in InnerPacket packet) =>
        (BinaryPrimitives.ReadUInt16BigEndian(packet.Octets[6..]) & IPv4DoNotFragment) != 0;

    /// <summary>A message too short to tell counts as one.</summary>
    private static bool IsError(in InnerPacket packet, UpperLayer upper)
    {
        if (upper.Offset >= packet.Octets.Length)
        {
            return true;
        }

        byte type = packet.Octets[upper.Offset];
        return packet.IsIPv6
            ? type < 128 || type == 137 // Redirect is none, but is not to be answered either.
            : type is 3 or 4 or 5 or 11 or 12;
    }
}
