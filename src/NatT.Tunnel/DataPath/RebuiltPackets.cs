using NatT.Esp.Associations;
using NatT.Tunnel.Control;
using NatT.Tunnel.Segmentation;

namespace NatT.Tunnel.DataPath;

/// <summary>
/// The packets of a batch that came in transport mode, with headers again: what they arrived in has no room for these. The inbound
/// thread owns it.
/// </summary>
internal sealed class RebuiltPackets
{
    /// <summary>Octets that a packet may be longer than its datagram, with what the device wants before it.</summary>
    private const int MostGrowth = 64;

    private readonly PathCounters[] _counters = new PathCounters[InboundBatch.Capacity];

    /// <summary>Room for all that one batch brings.</summary>
    public PacketBatch Packets { get; } = new(InboundBatch.Capacity, InboundBatch.Size + (InboundBatch.Capacity * MostGrowth));

    /// <summary>Of each packet, whose counters it goes to.</summary>
    public ReadOnlySpan<PathCounters> Counters => _counters;

    /// <summary>Writes a packet that is forgotten with the next one, unless it is kept.</summary>
    public Span<byte> Write(TransportMode mode, ReadOnlySpan<byte> body, byte protocol, byte trafficClass)
    {
        Span<byte> packet = Packets.Free[VirtioHeader.Size..];
        return packet[..mode.Rebuild(packet, body, protocol, trafficClass)];
    }

    /// <summary>Keeps the packet written last.</summary>
    /// <param name="length">Its octets.</param>
    /// <param name="counters">Whose it is.</param>
    public void Keep(int length, PathCounters counters)
    {
        _counters[Packets.Count] = counters;
        Packets.Take(VirtioHeader.Size);
        Packets.Add(length);
    }
}
