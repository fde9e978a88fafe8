using Microsoft.Win32.SafeHandles;

namespace NatT.Linux.Interop;

/// <summary>A file descriptor, closed once and never while a call is using it.</summary>
internal sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>Owns what a call returned; invalid if that was −1.</summary>
    /// <remarks>
    /// No call returns this type itself: libc's int would fill half of a handle, and its −1 would pass for a descriptor.
    /// </remarks>
    public Descriptor(int number)
        : base(ownsHandle: true)
    {
        SetHandle(number);
    }

    /// <summary>The number, for structures that hold descriptors; the caller keeps this object alive.</summary>
    public int Number => (int)handle;

    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
