using System.Buffers.Binary;
using NatT.Esp.Wire;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.DataPath;

/// <summary>The inner packet of a probe: an ICMP echo request whose payload is 128 random bits.</summary>
public static class ProbePacket
{
    /// <summary>Octets.</summary>
    public const int PayloadSize = 16;

    /// <exception cref="InvalidOperationException">The peer has no inner addresses to probe between.</exception>
    public static ControlPacket Create(Peer peer, in Probe probe)
    {
        if (peer.ProbeSource is not IpAddress source || peer.ProbeTarget is not IpAddress target)
        {
            throw new InvalidOperationException($"peer {peer.Name} cannot be probed");
        }

        Span<byte> payload = stackalloc byte[PayloadSize];
        BinaryPrimitives.WriteUInt128BigEndian(payload, probe.Bits);
        byte[] packet = new byte[IcmpEcho.PacketSize(source.IsIPv6, PayloadSize)];
        IcmpEcho.WriteRequest(packet, source, target, sequence: 1, payload);
        return new ControlPacket(peer, packet, probe.Target, probe.Framing);
    }
}
