using Microsoft.Win32.SafeHandles;

namespace NatT.Linux.Interop;

/// <summary>A file descriptor, closed once and never while a call is using it.</summary>
internal sealed class Descriptor() : SafeHandleMinusOneIsInvalid(ownsHandle: true)
{
    /// <summary>The number, for structures that hold descriptors; the caller keeps this object alive.</summary>
    public int Number => (int)DangerousGetHandle();

    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
