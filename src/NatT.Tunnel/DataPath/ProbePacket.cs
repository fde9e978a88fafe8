using System.Buffers.Binary;
using NatT.Esp.Wire;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.DataPath;

/// <summary>
/// The inner packet of a probe: an ICMP echo request whose payload is 128 random bits, repeated where the probe is to show
/// that a packet of its size gets through.
/// </summary>
public static class ProbePacket
{
    /// <summary>Octets of the random bits, and of the payload of a probe that asks for no size.</summary>
    public const int PayloadSize = 16;

    private const int IcmpHeaderSize = 8;

    /// <exception cref="InvalidOperationException">The peer has no inner addresses to probe between.</exception>
    public static ControlPacket Create(Peer peer, in Probe probe)
    {
        if (peer.ProbeSource is not IpAddress source || peer.ProbeTarget is not IpAddress target)
        {
            throw new InvalidOperationException($"peer {peer.Name} cannot be probed");
        }

        int smallest = IcmpEcho.PacketSize(source.IsIPv6, PayloadSize);
        byte[] packet = new byte[Math.Max(probe.Size, smallest)];
        byte[] payload = new byte[PayloadSize + packet.Length - smallest];
        BinaryPrimitives.WriteUInt128BigEndian(payload, probe.Bits);
        for (int i = PayloadSize; i < payload.Length; i++)
        {
            payload[i] = payload[i - PayloadSize];
        }

        IcmpEcho.WriteRequest(packet, source, target, sequence: 1, payload);
        return new ControlPacket(peer, packet, probe.Target, probe.Framing);
    }

    /// <summary>The random bits of an answer to a probe of any size.</summary>
    public static bool TryReadAnswer(in InnerPacket packet, out UInt128 bits)
    {
        bool isAnswer = IcmpEcho.TryReadReply(packet, out ReadOnlySpan<byte> payload)
            && payload.Length >= PayloadSize
            && payload[PayloadSize..].SequenceEqual(payload[..^PayloadSize]);
        bits = isAnswer ? BinaryPrimitives.ReadUInt128BigEndian(payload) : default;
        return isAnswer;
    }

    /// <summary>
    /// Whether the host answers a size probe of the peer. It must go in one piece, whatever is known of the path, or two ends that
    /// both think little of it would never find out that it got wider.
    /// </summary>
    public static bool IsAnswerToSizeProbe(in InnerPacket packet) => packet.Payload.Length > IcmpHeaderSize + PayloadSize
        && TryReadAnswer(packet, out UInt128 bits)
        && (ushort)(bits >> 112) == BinaryPrimitives.ReadUInt16BigEndian(packet.Payload[4..]);
}
