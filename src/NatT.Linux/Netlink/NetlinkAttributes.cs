using System.Runtime.InteropServices;
using System.Text;

namespace NatT.Linux.Netlink;

/// <summary>Looks attributes up in what the kernel answered; lives as long as the answer's buffer.</summary>
internal readonly ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    /// <summary>Nested and byte-order bits that share the type's field.</summary>
    private const int TypeMask = 0x3fff;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>The value of the first attribute of a type.</summary>
    public bool TryGet(ushort type, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = _bytes;
        while (rest.Length >= NetlinkRequest.AttributeHeaderSize)
        {
            int length = MemoryMarshal.Read<ushort>(rest);
            if (length < NetlinkRequest.AttributeHeaderSize || length > rest.Length)
            {
                break;
            }

            if ((MemoryMarshal.Read<ushort>(rest[2..]) & TypeMask) == type)
            {
                value = rest[NetlinkRequest.AttributeHeaderSize..length];
                return true;
            }

            rest = rest[Math.Min(NetlinkRequest.Aligned(length), rest.Length)..];
        }

        value = default;
        return false;
    }

    public int? FindInt32(ushort type) =>
        TryGet(type, out ReadOnlySpan<byte> value) && value.Length >= sizeof(int) ? MemoryMarshal.Read<int>(value) : null;

    public byte? FindByte(ushort type) => TryGet(type, out ReadOnlySpan<byte> value) && value.Length > 0 ? value[0] : null;

    public string? FindString(ushort type) =>
        TryGet(type, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value.TrimEnd((byte)0)) : null;

    public NetlinkAttributes Nested(ushort type) => new(TryGet(type, out ReadOnlySpan<byte> value) ? value : default);
}
