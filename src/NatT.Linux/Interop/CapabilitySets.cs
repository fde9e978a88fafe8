using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <summary>The two struct __user_cap_data_struct of capability version 3: capabilities 0 to 31, then 32 to 63.</summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct CapabilitySets
{
    public uint EffectiveLow;
    public uint PermittedLow;
    public uint InheritableLow;
    public uint EffectiveHigh;
    public uint PermittedHigh;
}
