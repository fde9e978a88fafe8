using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;

namespace NatT.Linux.Interop;

/// <summary>struct sockaddr_in6, or struct sockaddr_in in its first 16 octets.</summary>
/// <remarks>
/// <code>
/// sockaddr_in   family(2) port(2) address(4) zero(8)
/// sockaddr_in6  family(2) port(2) flow(4)    address(16) scope(4)
/// </code>
/// Family and scope are in host order, the rest in network order.
/// </remarks>
[InlineArray(Size)]
internal struct SocketAddress
{
    public const int Size = 28;

    private const int IPv4Size = 16;
    private const int Port = 2;
    private const int IPv4Address = 4;
    private const int IPv6Address = 8;
    private const int Scope = 24;

    private byte _first;

    /// <summary>Writes an endpoint the way a socket of <paramref name="socketFamily"/> takes it and returns its length.</summary>
    /// <remarks>An IPv4 endpoint becomes IPv4-mapped for an IPv6 socket; an IPv6 one stays so, and an IPv4 socket refuses it.</remarks>
    public uint Set(in OuterEndpoint endpoint, ushort socketFamily)
    {
        Span<byte> bytes = this;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[Port..], endpoint.Port);
        if (!endpoint.Address.IsIPv6 && socketFamily == Libc.AF_INET)
        {
            MemoryMarshal.Write(bytes, Libc.AF_INET);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[IPv4Address..], (uint)endpoint.Address.Bits);
            bytes[8..IPv4Size].Clear();
            return IPv4Size;
        }

        MemoryMarshal.Write(bytes, Libc.AF_INET6);
        bytes[4..IPv6Address].Clear();
        UInt128 bits = endpoint.Address.IsIPv6 ? endpoint.Address.Bits : endpoint.Address.Bits | MappedPrefix;
        BinaryPrimitives.WriteUInt128BigEndian(bytes[IPv6Address..], bits);
        MemoryMarshal.Write(bytes[Scope..], endpoint.Scope);
        return Size;
    }

    /// <summary>The endpoint, IPv4-mapped addresses as IPv4, the scope only where it says something.</summary>
    public readonly OuterEndpoint ToEndpoint()
    {
        ReadOnlySpan<byte> bytes = this;
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(bytes[Port..]);
        if (MemoryMarshal.Read<ushort>(bytes) == Libc.AF_INET)
        {
            return new OuterEndpoint(IpAddress.ReadIPv4(bytes[IPv4Address..]), port);
        }

        UInt128 bits = BinaryPrimitives.ReadUInt128BigEndian(bytes[IPv6Address..]);
        if (bits >> 32 == MappedPrefix >> 32)
        {
            return new OuterEndpoint(new IpAddress((uint)bits, IsIPv6: false), port);
        }

        bool isLinkLocal = bits >> 118 == 0xfe80 >> 6;
        return new OuterEndpoint(new IpAddress(bits, IsIPv6: true), port, isLinkLocal ? MemoryMarshal.Read<uint>(bytes[Scope..]) : 0);
    }

    /// <summary>::ffff:0:0/96 (RFC 4291 §2.5.5.2).</summary>
    private static UInt128 MappedPrefix => (UInt128)0xffff << 32;
}
