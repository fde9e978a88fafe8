using NatT.Tunnel.Configuration;
using NatT.Tunnel.State;

namespace NatT.Cli;

/// <summary>Whose the records are: somebody else's could make numbers repeat.</summary>
internal static class StateDirectoryOwner
{
    /// <exception cref="StateUnavailableException">The directory is neither root's nor the starting user's.</exception>
    public static void RequireOurs(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        ConfFileFacts facts = ConfFileAccess.Inspect(path);
        if (!facts.IsOwnerTrusted)
        {
            throw new StateUnavailableException(
                $"state_dir {path} belongs to user {facts.OwnerUid}, neither root nor you: chown it, or name another state_dir in the conf");
        }
    }
}
