using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <summary>struct statx: the same on every architecture, which struct stat is not.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatusBuffer
{
    [FieldOffset(16)]
    public uint Links;

    [FieldOffset(20)]
    public uint OwnerId;

    [FieldOffset(28)]
    public ushort Mode;
}
