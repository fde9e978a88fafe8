using NatT.Linux;
using NatT.Tunnel.Configuration;

namespace NatT.Cli.Privilege;

/// <summary>The user that confs name to move packets.</summary>
internal static class ConfUser
{
    /// <summary>Null where there is nobody to switch to: none is named, or we are that one.</summary>
    /// <exception cref="IOException">There is no such user, or we cannot become it.</exception>
    public static UserAccount? Find(ProcessConf process) => Find(process.User);

    private static UserAccount? Find(string? name)
    {
        if (name is null)
        {
            return null;
        }

        UserAccount user = UserAccount.Find(name) ?? throw new IOException(
            $"user {name} is not in /etc/passwd: sudo useradd --system --shell /usr/sbin/nologin {name}, or take user out of the conf");
        return user.UserId == EffectiveUser.Root ? throw new IOException($"user {name} is root, which has no fewer rights: name another, or take user out of the conf")
            : EffectiveUser.Id == user.UserId ? null
            : EffectiveUser.Id == EffectiveUser.Root ? user
            : throw new IOException($"only root can become user {name}: start natt-tun by sudo, or as that user");
    }

    /// <summary>Runs what opens a conf's state_dir with the rights of that user, whose the records are to be; without one, as it is.</summary>
    /// <exception cref="IOException">There is no such user, or we cannot become it.</exception>
    public static T RunAs<T>(string? name, string stateDirectory, Func<T> action)
    {
        if (Find(name) is not { } user)
        {
            return action();
        }

        StateDirectoryOwner.GiveTo(stateDirectory, user);
        return UserSwitch.RunAs(user, action);
    }
}
