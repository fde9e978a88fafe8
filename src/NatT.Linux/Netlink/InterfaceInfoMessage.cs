using System.Runtime.InteropServices;

namespace NatT.Linux.Netlink;

/// <summary>struct ifinfomsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InterfaceInfoMessage
{
    public byte Family;
    public byte Padding;
    public ushort HardwareType;
    public int Index;
    public uint Flags;

    /// <summary>Which of <see cref="Flags"/> to change.</summary>
    public uint ChangeMask;
}
