using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <content>The process itself: who it is, what it may do, and randomness.</content>
internal static partial class Libc
{
    public const uint LINUX_CAPABILITY_VERSION_3 = 0x20080522;

    public const int PR_SET_DUMPABLE = 4;
    public const int PR_SET_NO_NEW_PRIVS = 38;

    public const int RLIMIT_CORE = 4;

    public const nuint SECCOMP_SET_MODE_FILTER = 1;
    public const nuint SECCOMP_FILTER_FLAG_TSYNC = 1;
    public const nuint SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;

    [LibraryImport(Library)]
    public static partial uint geteuid();

    /// <remarks>For all threads, as the next two: libc sees to it.</remarks>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int setgroups(nuint count, nint groups);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setresgid(uint real, uint effective, uint saved);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setresuid(uint real, uint effective, uint saved);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int kill(int process, int signal);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint getrandom(ref byte buffer, nuint length, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int capget(ref CapabilityHeader header, out CapabilitySets sets);

    /// <remarks>Variadic, which on the architectures of .NET's Linux is no other call as long as nothing is a floating-point number.</remarks>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setrlimit(int resource, ref readonly ResourceLimit limit);

    /// <summary>seccomp(2), which libc has no name for.</summary>
    /// <remarks>Variadic, as <see cref="prctl"/> is.</remarks>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint syscall(nint number, nuint operation, nuint flags, ref readonly FilterProgram program);
}
