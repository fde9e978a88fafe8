using NatT.Linux;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.State;

namespace NatT.Cli;

/// <summary>Whose the records are: somebody else's could make numbers repeat.</summary>
internal static class StateDirectoryOwner
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <param name="path">The directory, be it there or not.</param>
    /// <param name="user">The confs' <c>user</c>, whose it may be as well.</param>
    /// <exception cref="StateUnavailableException">It is neither root's nor the starting user's.</exception>
    public static void RequireOurs(string path, UserAccount? user = null)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        ConfFileFacts facts = ConfFileAccess.Inspect(path);
        if (!facts.IsOwnerTrusted && facts.OwnerUid != user?.UserId)
        {
            throw new StateUnavailableException(
                $"state_dir {path} belongs to user {facts.OwnerUid}, neither root nor you: chown it, or name another state_dir in the conf");
        }
    }

    /// <summary>Makes the directory <paramref name="user"/>'s, as root: a new one, or root's own.</summary>
    /// <exception cref="StateUnavailableException">It is somebody else's.</exception>
    public static void GiveTo(string path, UserAccount user)
    {
        Directory.CreateDirectory(path, OwnerOnly);
        FileStatus status = FileStatus.Read(path);
        if (status.OwnerId == user.UserId)
        {
            return;
        }

        // Whoever else could write to it may have laid links there, which root would give away.
        if (status.OwnerId != EffectiveUser.Root || (status.Mode & WritableByOthers) != 0)
        {
            throw new StateUnavailableException(
                $"state_dir {path} was not root's alone, nor is it user {user.Name}'s; run: chown -R {user.Name} '{path}' && chmod 700 '{path}'");
        }

        FolderOwner.Give(path, user);
    }
}
