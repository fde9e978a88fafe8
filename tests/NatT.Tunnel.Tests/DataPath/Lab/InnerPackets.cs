using System.Buffers.Binary;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Tests.DataPath.Lab;

/// <summary>Inner packets as programs of the host would send them.</summary>
internal static class InnerPackets
{
    private const byte UdpProtocol = 17;

    /// <summary>A packet that announces UDP, its payload all <paramref name="mark"/>.</summary>
    public static byte[] Udp(string source, string destination, int length, byte mark = 1, byte trafficClass = 0)
    {
        IpAddress from = IpAddress.Parse(source);
        IpAddress to = IpAddress.Parse(destination);
        byte[] packet = new byte[length];
        packet.AsSpan().Fill(mark);
        int headerLength = from.IsIPv6 ? WriteIPv6Header(packet) : WriteIPv4Header(packet);
        from.WriteTo(packet.AsSpan(from.IsIPv6 ? 8 : 12));
        to.WriteTo(packet.AsSpan(from.IsIPv6 ? 24 : 16));

        // This mends IPv4's checksum too.
        Assert.True(headerLength <= length);
        InnerPacket.WriteTrafficClass(packet, trafficClass);
        return packet;
    }

    public static byte[] EchoReply(string source, string destination, ReadOnlySpan<byte> payload)
    {
        byte[] request = EchoRequest(destination, source, payload);
        Assert.True(InnerPacket.TryRead(request, out InnerPacket packet));
        byte[] reply = new byte[request.Length];
        IcmpEcho.WriteReply(reply, packet);
        return reply;
    }

    public static byte[] EchoRequest(string source, string destination, ReadOnlySpan<byte> payload)
    {
        IpAddress from = IpAddress.Parse(source);
        byte[] packet = new byte[IcmpEcho.PacketSize(from.IsIPv6, payload.Length)];
        IcmpEcho.WriteRequest(packet, from, IpAddress.Parse(destination), sequence: 1, payload);
        return packet;
    }

    private static int WriteIPv4Header(Span<byte> packet)
    {
        const int HeaderLength = 20;
        packet[..HeaderLength].Clear();
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = UdpProtocol;
        return HeaderLength;
    }

    private static int WriteIPv6Header(Span<byte> packet)
    {
        const int HeaderLength = 40;
        packet[..HeaderLength].Clear();
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - HeaderLength));
        packet[6] = UdpProtocol;
        packet[7] = 64;
        return HeaderLength;
    }
}
