using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NatT.Linux.Netlink;

/// <summary>Builds one netlink message: header, the family's fixed part, attributes (RFC 3549 §2.2; netlink(7)).</summary>
/// <remarks>
/// <code>
/// header     length(4) type(2) flags(2) sequence(4) port(4)
/// attribute  length(2) type(2) value, padded to 4
/// </code>
/// All in host order.
/// </remarks>
internal sealed class NetlinkRequest
{
    public const int HeaderSize = 16;
    public const int AttributeHeaderSize = 4;

    private readonly byte[] _bytes = new byte[512];
    private int _length = HeaderSize;

    public NetlinkRequest(ushort type, ushort flags)
    {
        MemoryMarshal.Write(_bytes.AsSpan(4), type);
        MemoryMarshal.Write(_bytes.AsSpan(6), flags);
    }

    /// <summary>The fixed part that follows the header.</summary>
    public void Append<T>(T fixedPart)
        where T : unmanaged
    {
        MemoryMarshal.Write(_bytes.AsSpan(_length), fixedPart);
        _length += Aligned(Unsafe.SizeOf<T>());
    }

    public void Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        int start = BeginNested(type);
        value.CopyTo(_bytes.AsSpan(_length));
        _length += value.Length;
        EndNested(start);
    }

    public void Attribute(ushort type, uint value) => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    /// <summary>Opens an attribute that holds attributes; the result goes to <see cref="EndNested"/>.</summary>
    public int BeginNested(ushort type)
    {
        int start = _length;
        MemoryMarshal.Write(_bytes.AsSpan(start + 2), type);
        _length += AttributeHeaderSize;
        return start;
    }

    public void EndNested(int start)
    {
        MemoryMarshal.Write(_bytes.AsSpan(start), (ushort)(_length - start));
        _length = Aligned(_length);
    }

    /// <summary>The finished message.</summary>
    public ReadOnlySpan<byte> Complete(uint sequence)
    {
        MemoryMarshal.Write(_bytes.AsSpan(0), (uint)_length);
        MemoryMarshal.Write(_bytes.AsSpan(8), sequence);
        return _bytes.AsSpan(0, _length);
    }

    public static int Aligned(int length) => (length + 3) & ~3;
}
