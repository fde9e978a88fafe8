using System.Collections.Immutable;
using NatT.Cli.Privilege;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Control;
using NatT.Tunnel.State;

namespace NatT.Cli;

/// <summary>Makes the records of keys that were never used, for <c>keygen</c> and <c>state init</c>.</summary>
internal static class UnusedKeys
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Makes each outbound record that is missing and touches none that is there; where a natt-tun runs there, has it do so.</summary>
    /// <returns>One state a conf; of one that has next keys, the worse of its two.</returns>
    /// <exception cref="StateLockedException">Another has the directory, and is no natt-tun that can be asked.</exception>
    /// <exception cref="StateUnavailableException">Records cannot be kept there.</exception>
    public static ImmutableArray<RecordState> MakeRecords(
        string stateDirectory, IReadOnlyCollection<PeerConf> confs, string command, string? device = null)
    {
        (AssociationConf Inbound, AssociationConf Outbound)[] pairs = [.. confs.SelectMany(PairsOf)];
        ImmutableArray<RecordState> states = Make(stateDirectory, UserOf(confs), pairs, command, device);
        int next = 0;
        return
        [
            .. confs.Select(conf =>
            {
                RecordState state = states[next++];
                return conf.NextOutbound is null ? state : Worse(state, states[next++]);
            }),
        ];
    }

    private static ImmutableArray<RecordState> Make(
        string stateDirectory, string? user, (AssociationConf Inbound, AssociationConf Outbound)[] pairs, string command, string? device)
    {
        try
        {
            return ConfUser.RunAs(user, stateDirectory, () => Make(stateDirectory, pairs, command));
        }
        catch (StateLockedException) when (device is not null)
        {
            using var timeout = new CancellationTokenSource(Patience);
            if (AskAsync(stateDirectory, pairs, device, timeout.Token).GetAwaiter().GetResult() is ImmutableArray<RecordState> states)
            {
                return states;
            }

            throw;
        }
    }

    private static ImmutableArray<RecordState> Make(
        string stateDirectory, (AssociationConf Inbound, AssociationConf Outbound)[] pairs, string command)
    {
        using StateStore store = OwnRecords.Open(stateDirectory, command, readers: []);
        return store.DeclareUnused([.. pairs.Select(pair => (
            pair.Inbound.FingerprintAs(AssociationDirection.Inbound), pair.Outbound.FingerprintAs(AssociationDirection.Outbound)))]);
    }

    private static string? UserOf(IEnumerable<PeerConf> confs) => confs.Select(conf => conf.User).FirstOrDefault(user => user is not null);

    /// <summary>Null where nobody answers who has that device and could be asked.</summary>
    private static async Task<ImmutableArray<RecordState>?> AskAsync(
        string stateDirectory, (AssociationConf Inbound, AssociationConf Outbound)[] pairs, string device, CancellationToken patience)
    {
        foreach (string path in ControlSocketFolders.OfThisProcess(stateDirectory).FindAll()
            .Where(path => ControlSocketFolders.DeviceOf(path) == device))
        {
            using ControlClient? client = await ControlClient.TryConnectAsync(path, patience).ConfigureAwait(false);
            if (client is not null)
            {
                var request = new ControlRequest(ControlRequest.StateInit)
                {
                    StateDir = Path.TrimEndingDirectorySeparator(Path.GetFullPath(stateDirectory)),
                    Unused = [.. pairs.Select(pair => UnusedAssociation.Of(pair.Inbound, pair.Outbound))],
                };
                ControlAnswer answer = await client.AskAsync(request, patience).ConfigureAwait(false);
                return answer.Error is string error ? throw new StateUnavailableException(error) : answer.Records;
            }
        }

        return null;
    }

    private static IEnumerable<(AssociationConf Inbound, AssociationConf Outbound)> PairsOf(PeerConf conf) =>
        conf.NextInbound is null || conf.NextOutbound is null
            ? [(conf.Inbound, conf.Outbound)]
            : [(conf.Inbound, conf.Outbound), (conf.NextInbound, conf.NextOutbound)];

    private static RecordState Worse(RecordState one, RecordState other) =>
        one == RecordState.Lost || other == RecordState.Lost ? RecordState.Lost
        : one == RecordState.Made || other == RecordState.Made ? RecordState.Made
        : RecordState.Kept;
}
