using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>Rights that a program may gain by running another one: set-user-ID programs, files with capabilities.</summary>
public static class NewPrivileges
{
    /// <summary>From now on the calling thread, and what it starts, gains none (no_new_privs).</summary>
    /// <exception cref="LinuxException">The kernel does not let us.</exception>
    public static void Renounce()
    {
        if (Libc.prctl(Libc.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        {
            throw LinuxException.FromLastError("PR_SET_NO_NEW_PRIVS", "new privileges cannot be renounced");
        }
    }
}
