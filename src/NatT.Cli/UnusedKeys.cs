using System.Collections.Immutable;
using NatT.Linux;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.State;

namespace NatT.Cli;

/// <summary>Makes the records of keys that were never used, for <c>keygen</c> and <c>state init</c>.</summary>
internal static class UnusedKeys
{
    /// <summary>Makes each outbound record that is missing and touches none that is there.</summary>
    /// <returns>One state a conf.</returns>
    /// <exception cref="StateLockedException">A natt-tun runs there.</exception>
    /// <exception cref="StateUnavailableException">Records cannot be kept there.</exception>
    public static ImmutableArray<RecordState> MakeRecords(string stateDirectory, IReadOnlyCollection<PeerConf> confs, string command)
    {
        StateDirectoryOwner.RequireOurs(stateDirectory);
        var storage = new StateStoreOptions { SyncDirectory = DirectorySync.Flush };
        using StateStore store =
            StateStore.Open(stateDirectory, $"pid {Environment.ProcessId}, {command}", storage, new StderrLogger(verbose: false));
        ImmutableArray<RecordState> states = [.. confs.Select(conf => Look(store, conf))];
        IEnumerable<PeerConf> missing = confs.Where((_, i) => states[i] == RecordState.Made);
        ImmutableArray<OutboundRecord> records = store.OpenOutbound([.. missing.Select(OutboundOf)]);
        store.Close(records.Select(record => (record, record.First)), []);
        return states;
    }

    private static RecordState Look(StateStore store, PeerConf conf) =>
        store.HasRecord(OutboundOf(conf), AssociationDirection.Outbound) ? RecordState.Kept
        : store.HasRecord(conf.Inbound.FingerprintAs(AssociationDirection.Inbound), AssociationDirection.Inbound) ? RecordState.Lost
        : RecordState.Made;

    private static AssociationFingerprint OutboundOf(PeerConf conf) => conf.Outbound.FingerprintAs(AssociationDirection.Outbound);
}
