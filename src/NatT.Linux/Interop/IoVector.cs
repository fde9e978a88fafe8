using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IoVector
{
    public nint Start;
    public nuint Length;
}
