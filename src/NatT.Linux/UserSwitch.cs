using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>Lets the whole process, which is root's, act as another user: libc tells every thread.</summary>
public static class UserSwitch
{
    private const uint Unchanged = uint.MaxValue;

    /// <summary>Runs <paramref name="action"/> with the user's rights to files and no others; then all is as it was.</summary>
    /// <exception cref="LinuxException">The kernel does not let us.</exception>
    public static T RunAs<T>(UserAccount user, Func<T> action)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(action);
        Require(Libc.setgroups(0, 0), "setgroups", user);
        Require(Libc.setresgid(Unchanged, user.GroupId, Unchanged), "setresgid", user);
        Require(Libc.setresuid(Unchanged, user.UserId, Unchanged), "setresuid", user);
        try
        {
            return action();
        }
        finally
        {
            Require(Libc.setresuid(Unchanged, EffectiveUser.Root, Unchanged), "setresuid", user);
            Require(Libc.setresgid(Unchanged, EffectiveUser.Root, Unchanged), "setresgid", user);
            CoreDumps.Forbid();
        }
    }

    /// <summary>Becomes the user for good, in all threads, and with that without any capability.</summary>
    /// <exception cref="LinuxException">The kernel does not let us, or left us one.</exception>
    public static void Become(UserAccount user)
    {
        ArgumentNullException.ThrowIfNull(user);
        Require(Libc.setgroups(0, 0), "setgroups", user);
        Require(Libc.setresgid(user.GroupId, user.GroupId, user.GroupId), "setresgid", user);
        Require(Libc.setresuid(user.UserId, user.UserId, user.UserId), "setresuid", user);
        if (ProcessCapabilities.HasAny)
        {
            throw new LinuxException("setresuid", Errno.EPERM, $"the kernel leaves user {user.Name} root's rights");
        }

        // A change of user has made the process what fs.suid_dumpable says.
        CoreDumps.Forbid();
    }

    private static void Require(int result, string call, UserAccount user)
    {
        if (result < 0)
        {
            throw LinuxException.FromLastError(call, $"cannot switch to user {user.Name}: start natt-tun as root, or leave user out");
        }
    }
}
