using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <summary>struct __user_cap_header_struct.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CapabilityHeader
{
    public uint Version;

    /// <summary>0: the calling thread.</summary>
    public int ProcessId;
}
