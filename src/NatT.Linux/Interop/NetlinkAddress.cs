using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <summary>struct sockaddr_nl.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkAddress
{
    public ushort Family;
    public ushort Padding;

    /// <summary>0: the kernel chooses one.</summary>
    public uint Port;

    /// <summary>A bit for each multicast group from 1 to 32.</summary>
    public uint Groups;
}
