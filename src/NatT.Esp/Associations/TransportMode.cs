using System.Buffers.Binary;
using NatT.Esp.Wire;

namespace NatT.Esp.Associations;

/// <summary>
/// Transport mode between two addresses (RFC 4301 §4.1): ESP carries what is behind the IP header, and the receiver writes a
/// header of its own. Immutable.
/// </summary>
/// <remarks>
/// <code>
/// sender's packet     | IP header | TCP, UDP, ICMP, …
/// plaintext                       | TCP, UDP, ICMP, … | padding | pad length | next header: the protocol |
/// receiver's packet   | IP header | the same, its checksum over the receiver's addresses
/// </code>
/// Each end has addresses of its own: a NAT has changed them, or the other end is a kernel, whose are the outer ones. So the
/// checksums that cover them are written anew (RFC 3948 §3.1.2); for all else the ICV vouches.
/// </remarks>
public sealed class TransportMode
{
    private const int TcpSize = 20;
    private const int TcpChecksum = 16;
    private const int UdpSize = 8;
    private const int UdpLength = 4;
    private const int UdpChecksum = 6;
    private const int IcmpSize = 4;
    private const int IcmpChecksum = 2;

    // All but length, traffic class, protocol and checksum.
    private readonly byte[] _header;
    private readonly bool _isIPv6;

    /// <param name="source">Of the packets that the SA carries, as this end sees it.</param>
    /// <param name="destination">Of the same IP version.</param>
    public TransportMode(IpAddress source, IpAddress destination)
    {
        if (source.IsIPv6 != destination.IsIPv6)
        {
            throw new ArgumentException("An address of the other IP version.", nameof(destination));
        }

        _isIPv6 = source.IsIPv6;
        _header = new byte[IcmpPacket.IPHeaderSize(_isIPv6)];
        IcmpPacket.WriteIPHeader(_header, source, destination);
    }

    /// <summary>Octets of the IP header that is not carried.</summary>
    public int HeaderSize => _header.Length;

    /// <summary>Whether the packet may be sent: a whole one (RFC 4303 §3.3.4), whose header says nothing that the receiver would not write too.</summary>
    public DropReason CheckOutbound(in InnerPacket packet)
    {
        if (packet.IsIPv4Fragment || (packet.IsIPv6 && packet.Protocol == UpperLayer.Fragment))
        {
            return DropReason.FragmentInTransportMode;
        }

        return packet.HeaderLength == HeaderSize && Carries(packet.Protocol) ? DropReason.None : DropReason.NotForTransportMode;
    }

    /// <summary>Whether a next header is an upper layer's: no IP packet, no extension header, no dummy, no ICMP of the other IP version.</summary>
    public bool Carries(byte nextHeader) => nextHeader switch
    {
        EspTrailer.NextHeaderIPv4 or EspTrailer.NextHeaderIPv6 or EspTrailer.NextHeaderDummy => false,
        InnerPacket.ProtocolIcmp => !_isIPv6,
        InnerPacket.ProtocolIcmpV6 => _isIPv6,
        _ => !UpperLayer.IsExtension(nextHeader),
    };

    /// <summary>Writes the packet that <paramref name="body"/> was to the start of <paramref name="destination"/>; returns its octets.</summary>
    /// <param name="destination">At least <see cref="HeaderSize"/> octets longer than the body.</param>
    /// <param name="body">What ESP carried.</param>
    /// <param name="protocol">Its next header, one that this mode <see cref="Carries"/>.</param>
    /// <param name="trafficClass">The outer header's, which is the packet's own: there is no other.</param>
    public int Rebuild(Span<byte> destination, ReadOnlySpan<byte> body, byte protocol, byte trafficClass)
    {
        Span<byte> packet = destination[..(HeaderSize + body.Length)];
        _header.CopyTo(packet);
        body.CopyTo(packet[HeaderSize..]);
        if (_isIPv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)body.Length);
            packet[6] = protocol;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
            packet[9] = protocol;
        }

        // This writes IPv4's header checksum too.
        InnerPacket.WriteTrafficClass(packet, trafficClass);
        WriteUpperChecksum(packet, protocol);
        return packet.Length;
    }

    /// <summary>A message too short for its header stays as it came, for the host to throw away.</summary>
    private void WriteUpperChecksum(Span<byte> packet, byte protocol)
    {
        Span<byte> upper = packet[HeaderSize..];
        switch (protocol)
        {
            case UpperLayer.ProtocolTcp when upper.Length >= TcpSize:
                WriteChecksum(packet, protocol, upper, TcpChecksum);
                break;
            case UpperLayer.ProtocolUdp when upper.Length >= UdpSize:
                WriteUdpChecksum(packet, upper);
                break;
            case InnerPacket.ProtocolIcmpV6 when upper.Length >= IcmpSize:
                WriteChecksum(packet, protocol, upper, IcmpChecksum);
                break;
        }
    }

    /// <summary>UDP alone has a length of its own, behind which there may be padding, and over IPv4 a word for "no checksum" (RFC 768).</summary>
    private void WriteUdpChecksum(Span<byte> packet, Span<byte> udp)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(udp[UdpLength..]);
        Span<byte> checksum = udp.Slice(UdpChecksum, sizeof(ushort));
        bool isSilent = !_isIPv6 && BinaryPrimitives.ReadUInt16BigEndian(checksum) == 0;
        if (isSilent || length < UdpSize || length > udp.Length)
        {
            return;
        }

        WriteChecksum(packet, UpperLayer.ProtocolUdp, udp[..length], UdpChecksum);
        if (BinaryPrimitives.ReadUInt16BigEndian(checksum) == 0)
        {
            checksum.Fill(byte.MaxValue);
        }
    }

    private static void WriteChecksum(ReadOnlySpan<byte> packet, byte protocol, Span<byte> upper, int offset)
    {
        upper.Slice(offset, sizeof(ushort)).Clear();
        uint sum = InternetChecksum.Add(upper, PseudoHeader.Sum(packet, protocol, upper.Length));
        BinaryPrimitives.WriteUInt16BigEndian(upper[offset..], InternetChecksum.Finish(sum));
    }
}
