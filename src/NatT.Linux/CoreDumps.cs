using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>Keeps what is in this process's memory, keys above all, out of files and from other processes of its user.</summary>
public static class CoreDumps
{
    /// <summary>From now on no crash writes a core file, and nobody but root reads the memory or attaches a debugger.</summary>
    /// <exception cref="LinuxException">The kernel does not let us.</exception>
    public static void Forbid()
    {
        // The limit alone would not keep a core from a program that the kernel hands it to (core(5)).
        var none = default(ResourceLimit);
        if (Libc.setrlimit(Libc.RLIMIT_CORE, in none) < 0 || Libc.prctl(Libc.PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        {
            throw LinuxException.FromLastError("PR_SET_DUMPABLE", "core dumps, which would hold keys, cannot be forbidden");
        }
    }
}
