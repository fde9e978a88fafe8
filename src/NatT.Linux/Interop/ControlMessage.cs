using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <summary>struct cmsghdr followed by an int, or by less and padding: either way it takes the same room, CMSG_SPACE(4).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ControlMessage
{
    /// <summary>CMSG_LEN: header and data without the padding.</summary>
    public nuint Length;
    public int Level;
    public int Type;
    public int Value;

    /// <summary>CMSG_SPACE(sizeof(int)): octets from one message to the next.</summary>
    public static int Space => Unsafe.SizeOf<ControlMessage>();

    /// <summary>CMSG_LEN(sizeof(int)).</summary>
    public static nuint LengthWithInt => (nuint)(nint.Size + (3 * sizeof(int)));

    /// <summary>CMSG_LEN(sizeof(short)).</summary>
    public static nuint LengthWithShort => (nuint)(nint.Size + (2 * sizeof(int)) + sizeof(short));

    /// <summary>The first octet of the data: IP_TOS carries one octet only.</summary>
    public readonly byte FirstOctet => MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in Value))[0];
}
