using Microsoft.Extensions.Logging;
using NatT.Linux;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;

namespace NatT.Cli;

/// <summary>Opens records that are root's or the starting user's.</summary>
internal static class OwnRecords
{
    /// <param name="directory">Where they are; made where it is missing.</param>
    /// <param name="purpose">What whoever finds them held is told, beside the process.</param>
    /// <param name="readers">Those whose records are to be read: of some suites they have to be whole.</param>
    /// <param name="logger">Hears what is found wrong; null: standard error.</param>
    /// <exception cref="StateLockedException">Another has them.</exception>
    /// <exception cref="StateUnavailableException">They are somebody else's, or cannot be kept there.</exception>
    public static StateStore Open(string directory, string purpose, IEnumerable<PeerConf> readers, ILogger? logger = null)
    {
        StateDirectoryOwner.RequireOurs(directory);
        var options = new StateStoreOptions { SyncDirectory = DirectorySync.Flush, NeedsIntactJournal = NonceRecords.AreNeededBy(readers) };
        return StateStore.Open(directory, $"pid {Environment.ProcessId}, {purpose}", options, logger ?? new StderrLogger(verbose: false));
    }
}
