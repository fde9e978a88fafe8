using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <content>The process itself: who it is, what it may do, and randomness.</content>
internal static partial class Libc
{
    public const uint LINUX_CAPABILITY_VERSION_3 = 0x20080522;

    [LibraryImport(Library)]
    public static partial uint geteuid();

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint getrandom(ref byte buffer, nuint length, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int capget(ref CapabilityHeader header, out CapabilitySets sets);
}
