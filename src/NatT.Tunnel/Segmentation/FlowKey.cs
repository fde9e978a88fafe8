using System.Runtime.InteropServices;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Segmentation;

/// <summary>What packets have in common whose order must not change: addresses and, where they can be read, protocol and ports.</summary>
internal readonly ref struct FlowKey
{
    private readonly bool _isIPv6;
    private readonly ReadOnlySpan<byte> _addresses;
    private readonly byte _protocol;

    // Null where the packet may belong to any flow between its addresses: a later fragment, say.
    private readonly uint? _ports;

    public FlowKey(in InnerPacket packet)
    {
        _isIPv6 = packet.IsIPv6;
        _addresses = packet.IsIPv6 ? packet.Octets.Slice(8, 32) : packet.Octets.Slice(12, 8);
        bool hasPorts = UpperLayer.TryFind(packet, out UpperLayer upper)
            && !upper.IsLaterFragment
            && upper.Protocol is UpperLayer.ProtocolTcp or UpperLayer.ProtocolUdp
            && packet.Octets.Length - upper.Offset >= TransportHeader.PortsSize;
        _protocol = upper.Protocol;
        _ports = hasPorts ? MemoryMarshal.Read<uint>(packet.Octets[upper.Offset..]) : null;
    }

    /// <summary>Whether this packet must stay behind the packets of an open flow.</summary>
    /// <param name="flow">Its first packet, without options or extension headers.</param>
    /// <param name="protocol">Its protocol.</param>
    public bool Touches(ReadOnlySpan<byte> flow, byte protocol)
    {
        if (flow[0] >> 4 == 6 != _isIPv6)
        {
            return false;
        }

        int addresses = _isIPv6 ? 8 : 12;
        int ports = addresses + _addresses.Length;
        return (_ports is not uint own || (own == MemoryMarshal.Read<uint>(flow[ports..]) && _protocol == protocol))
            && flow[addresses..ports].SequenceEqual(_addresses);
    }
}
