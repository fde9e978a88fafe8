using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <summary>What SO_MEMINFO gives: the SK_MEMINFO_* words of a socket's memory in use.</summary>
[StructLayout(LayoutKind.Explicit, Size = (int)Size)]
internal struct SocketMemory
{
    /// <summary>Nine words; later kernels may have more.</summary>
    public const uint Size = 9 * sizeof(uint);

    /// <summary>SK_MEMINFO_DROPS: packets that came to the socket and were not queued, or were damaged; modulo 2³².</summary>
    [FieldOffset(8 * sizeof(uint))]
    public uint Drops;
}
