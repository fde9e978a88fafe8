using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <summary>struct sock_fprog.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FilterProgram
{
    /// <summary>In instructions.</summary>
    public ushort Length;

    /// <summary>The first struct sock_filter, pinned.</summary>
    public nint Instructions;
}
