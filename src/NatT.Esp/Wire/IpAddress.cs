using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace NatT.Esp.Wire;

/// <summary>An IPv4 or IPv6 address as a value: comparing and masking it allocates nothing.</summary>
/// <param name="Bits">The address as a big-endian number; IPv4 uses the low 32 bits.</param>
/// <param name="IsIPv6">Tells the families apart: 0.0.0.1 and ::1 have equal bits.</param>
public readonly record struct IpAddress(UInt128 Bits, bool IsIPv6)
{
    /// <summary>Bits in an address of this family: 32 or 128.</summary>
    public int BitLength => IsIPv6 ? 128 : 32;

    /// <summary>Whether this is 0.0.0.0 or ::.</summary>
    public bool IsUnspecified => Bits == 0;

    /// <param name="bytes">4 octets, network order.</param>
    public static IpAddress ReadIPv4(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32BigEndian(bytes), IsIPv6: false);

    /// <param name="bytes">16 octets, network order.</param>
    public static IpAddress ReadIPv6(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes), IsIPv6: true);

    /// <summary>Converts; an IPv4-mapped IPv6 address becomes the IPv4 address it stands for.</summary>
    public static IpAddress From(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        byte[] bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetwork ? ReadIPv4(bytes) : ReadIPv6(bytes);
    }

    /// <summary>Parses the usual notations, refusing those that only <c>inet_aton</c> would read (<c>10.1</c>, <c>0x0a.1</c>).</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        if (text.IndexOfAny("%[]") >= 0 || !IPAddress.TryParse(text, out IPAddress? parsed))
        {
            return false;
        }

        if (parsed.AddressFamily == AddressFamily.InterNetwork && !text.SequenceEqual(parsed.ToString()))
        {
            return false;
        }

        address = From(parsed);
        return true;
    }

    public static IpAddress Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out IpAddress address) ? address : throw new FormatException($"'{text}' is no IP address");

    /// <summary>Writes 4 or 16 octets in network order and returns how many.</summary>
    public int WriteTo(Span<byte> destination)
    {
        if (IsIPv6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(destination, Bits);
            return 16;
        }

        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)Bits);
        return 4;
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        return new IPAddress(bytes[..WriteTo(bytes)]);
    }

    public override string ToString() => ToIPAddress().ToString();
}
