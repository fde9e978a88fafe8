using System.Collections.Immutable;
using NatT.Cli.Privilege;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Control;
using NatT.Tunnel.Interchange;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;

namespace NatT.Cli.Export;

/// <summary>How far peers' sequence numbers have come: the records say it, or where a natt-tun holds them, that one.</summary>
internal sealed class KnownNumbers(IEnumerable<string> paths, ConfSet confs, TunnelEnd end)
{
    private readonly string _directory = confs.Process!.StateDirectory;
    private StatusReport? _report;

    /// <exception cref="CommandException">They are not to be had, or would not stay true.</exception>
    public async Task<IReadOnlyList<SequenceNumbers>> ReadAsync(ImmutableArray<PeerConf> peers)
    {
        if (StateStore.FindHolder(_directory) is not string holder)
        {
            return ReadRecords(peers);
        }

        if (end == TunnelEnd.This)
        {
            throw new CommandException($"natt-tun is running ({holder}) and would go on from the same numbers: stop it first, by natt-tun stop");
        }

        _report = await AskAsync(holder).ConfigureAwait(false);
        return [.. peers.Select(NumbersInUse)];
    }

    /// <summary>The framing that a running natt-tun has found; null: none runs.</summary>
    public UdpFraming? FramingOf(PeerConf conf) => FramingNames.Find(StatusOf(conf)?.Framing);

    private ImmutableArray<SequenceNumbers> ReadRecords(ImmutableArray<PeerConf> peers)
    {
        // Nothing is made just by looking.
        if (!Directory.Exists(_directory))
        {
            return peers.FirstOrDefault(NonceRecords.IsNeededBy) is PeerConf lacking
                ? throw new CommandException(NonceRecords.Complaint(lacking, _directory))
                : [.. peers.Select(_ => default(SequenceNumbers))];
        }

        return ConfUser.RunAs(confs.Process!.User, _directory, () => Look(peers));
    }

    private ImmutableArray<SequenceNumbers> Look(ImmutableArray<PeerConf> peers)
    {
        using StateStore store = OwnRecords.Open(_directory, "natt-tun export", peers);
        NonceRecords.Require(store, peers);
        return [.. peers.Select(conf => new SequenceNumbers(
            (store.FindNext(conf.Outbound.FingerprintAs(AssociationDirection.Outbound)) ?? 1) - 1,
            store.FindTop(conf.Inbound.FingerprintAs(AssociationDirection.Inbound)) ?? 0))];
    }

    private async Task<StatusReport> AskAsync(string holder)
    {
        try
        {
            var running = new RunningDaemon(new StatusOptions { Conf = paths });
            using ControlClient client = await running.ConnectAsync(CancellationToken.None).ConfigureAwait(false);
            ControlAnswer answer = await client.AskAsync(new ControlRequest(ControlRequest.Status), CancellationToken.None).ConfigureAwait(false);
            return answer.Status ?? throw new CommandException("natt-tun answered something else than its status");
        }
        catch (CommandException e)
        {
            throw new CommandException($"state_dir {_directory} is in use by {holder}, but {e.Message}", e.ExitCode);
        }
    }

    private SequenceNumbers NumbersInUse(PeerConf conf)
    {
        PeerStatus status = StatusOf(conf)
            ?? throw new CommandException($"the running natt-tun has no peer {conf.Name}: name all its confs, or stop it");
        ulong received = status.In.LastNumber
            ?? StateStore.PeekMark(_directory, conf.Inbound.FingerprintAs(AssociationDirection.Inbound)) ?? 0;
        return new SequenceNumbers(status.Out.LastNumber ?? 0, received);
    }

    private PeerStatus? StatusOf(PeerConf conf) => _report?.Peers.FirstOrDefault(peer => peer.Name == conf.Name);
}
