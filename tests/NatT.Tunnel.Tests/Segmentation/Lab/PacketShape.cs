using System.Buffers.Binary;
using System.Net;
using NatT.Tunnel.Segmentation;

namespace NatT.Tunnel.Tests.Segmentation.Lab;

/// <summary>A TCP or UDP packet described field by field, and what it looks like whole, as a super-packet, and cut.</summary>
internal sealed record PacketShape
{
    public const byte Fin = 0x01;
    public const byte Syn = 0x02;
    public const byte Rst = 0x04;
    public const byte Psh = 0x08;
    public const byte Ack = 0x10;
    public const byte Urg = 0x20;
    public const byte Ece = 0x40;
    public const byte Cwr = 0x80;

    public bool IsIPv6 { get; init; }

    public bool IsUdp { get; init; }

    public byte TrafficClass { get; init; }

    public byte TimeToLive { get; init; } = 64;

    public uint FlowLabel { get; init; }

    public ushort Identification { get; init; }

    /// <summary>Flags and offset.</summary>
    public ushort Fragment { get; init; } = 0x4000;

    /// <summary>The last octet of the source.</summary>
    public byte Host { get; init; } = 1;

    /// <summary>IPv4 options.</summary>
    public byte[] Options { get; init; } = [];

    /// <summary>IPv6 destination options: this many times 8 octets.</summary>
    public int DestinationOptions { get; init; }

    public ushort SourcePort { get; init; } = 40000;

    public ushort DestinationPort { get; init; } = 443;

    public uint Sequence { get; init; } = 1;

    public uint Acknowledgement { get; init; } = 77;

    public byte Flags { get; init; } = Ack;

    public ushort Window { get; init; } = 501;

    public ushort UrgentPointer { get; init; }

    public byte[] TcpOptions { get; init; } = [];

    public byte[] Payload { get; init; } = [];

    public int Transport => IsIPv6 ? 40 + (8 * DestinationOptions) : 20 + Options.Length;

    public int HeaderLength => Transport + (IsUdp ? 8 : 20 + TcpOptions.Length);

    private byte Protocol => IsUdp ? (byte)17 : (byte)6;

    private int ChecksumOffset => IsUdp ? 6 : 16;

    /// <summary>Timestamps, padded as all stacks do it.</summary>
    public static byte[] Timestamps(uint value) => [1, 1, 8, 10, .. BitConverter.GetBytes(value), 0, 0, 0, 9];

    public static byte[] RandomPayload(Random random, int length)
    {
        byte[] payload = new byte[length];
        random.NextBytes(payload);
        return payload;
    }

    /// <summary>The packet as it is on a wire.</summary>
    public byte[] Whole()
    {
        byte[] packet = WithoutChecksum();
        ushort checksum = PlainChecksum.Of([.. PseudoHeader(packet), .. packet[Transport..]]);
        if (IsUdp && checksum == 0)
        {
            checksum = 0xFFFF;
        }

        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(Transport + ChecksumOffset), checksum);
        return packet;
    }

    /// <summary>The packet as a TUN device with offloads gives it.</summary>
    public byte[] Super()
    {
        byte[] packet = WithoutChecksum();
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(Transport + ChecksumOffset), PlainChecksum.Sum(PseudoHeader(packet)));
        return packet;
    }

    /// <summary>What goes before <see cref="Super"/>.</summary>
    public VirtioHeader Virtio(int segmentSize)
    {
        byte tcp = IsIPv6 ? VirtioHeader.TcpIPv6 : VirtioHeader.TcpIPv4;
        byte ecn = (Flags & Cwr) != 0 ? VirtioHeader.HasEcn : (byte)0;
        return new VirtioHeader(
            VirtioHeader.NeedsChecksum,
            IsUdp ? VirtioHeader.Udp : (byte)(tcp | ecn),
            (ushort)HeaderLength,
            (ushort)segmentSize,
            (ushort)Transport,
            (ushort)ChecksumOffset);
    }

    /// <summary>The packets that <see cref="Super"/> stands for.</summary>
    public List<PacketShape> Segments(int segmentSize)
    {
        byte[][] payloads = [.. Payload.Chunk(segmentSize)];
        return [.. payloads.Select((payload, i) => this with
        {
            Payload = payload,
            Identification = (ushort)(Identification + i),
            Sequence = Sequence + (uint)(i * segmentSize),
            Flags = (byte)(Flags & ~(i > 0 ? Cwr : 0) & ~(i < payloads.Length - 1 ? Psh | Fin : 0)),
        })];
    }

    private byte[] WithoutChecksum()
    {
        byte[] packet = new byte[HeaderLength + Payload.Length];
        WriteIPHeader(packet);
        Span<byte> transport = packet.AsSpan(Transport);
        BinaryPrimitives.WriteUInt16BigEndian(transport, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(transport[2..], DestinationPort);
        if (IsUdp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[4..], (ushort)transport.Length);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(transport[4..], Sequence);
            BinaryPrimitives.WriteUInt32BigEndian(transport[8..], Acknowledgement);
            transport[12] = (byte)((20 + TcpOptions.Length) << 2);
            transport[13] = Flags;
            BinaryPrimitives.WriteUInt16BigEndian(transport[14..], Window);
            BinaryPrimitives.WriteUInt16BigEndian(transport[18..], UrgentPointer);
            TcpOptions.CopyTo(transport[20..]);
        }

        Payload.CopyTo(packet, HeaderLength);
        return packet;
    }

    private void WriteIPHeader(Span<byte> packet)
    {
        if (IsIPv6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(packet, 0x60000000u | ((uint)TrafficClass << 20) | FlowLabel);
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - 40));
            packet[6] = DestinationOptions > 0 ? (byte)60 : Protocol;
            packet[7] = TimeToLive;
            IPAddress.Parse($"fd00::{Host:x}").GetAddressBytes().CopyTo(packet[8..]);
            IPAddress.Parse("fd00:1::2").GetAddressBytes().CopyTo(packet[24..]);
            if (DestinationOptions > 0)
            {
                packet[40] = Protocol;
                packet[41] = (byte)(DestinationOptions - 1);
            }

            return;
        }

        packet[0] = (byte)(0x45 + (Options.Length / 4));
        packet[1] = TrafficClass;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], Identification);
        BinaryPrimitives.WriteUInt16BigEndian(packet[6..], Fragment);
        packet[8] = TimeToLive;
        packet[9] = Protocol;
        ((ReadOnlySpan<byte>)[10, 0, 0, Host, 10, 0, 1, 2]).CopyTo(packet[12..]);
        Options.CopyTo(packet[20..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], PlainChecksum.Of(packet[..Transport]));
    }

    private byte[] PseudoHeader(byte[] packet)
    {
        int length = packet.Length - Transport;
        byte[] addresses = IsIPv6 ? packet[8..40] : packet[12..20];
        return [.. addresses, 0, Protocol, (byte)(length >> 8), (byte)length];
    }
}
