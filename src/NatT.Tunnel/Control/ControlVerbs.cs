using System.Collections.Immutable;
using System.Text.Json;
using NatT.Tunnel.Diagnosis;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Control;

/// <summary>What can be asked of a running natt-tun: a request's octets in, the answer out. Nothing a request holds throws.</summary>
/// <param name="reporter">Knows the peers.</param>
/// <param name="time">For rounds of probes.</param>
/// <param name="diagnosis">Knows why datagrams fail.</param>
public sealed class ControlVerbs(StatusReporter reporter, TimeProvider time, MismatchDiagnosis? diagnosis = null)
{
    /// <summary>So many probes fit the queue to the outbound thread, with room for what else is under way.</summary>
    private const int PeersAtOnce = 100;

    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads the confs again; null: this natt-tun cannot.</summary>
    public Func<CancellationToken, Task<ReloadOutcome>>? Reload { get; init; }

    /// <summary>Where records are; null: nowhere.</summary>
    public StateStore? Store { get; init; }

    /// <param name="line">A request without its newline.</param>
    /// <param name="cancellationToken">Ends a round of probes.</param>
    public async ValueTask<ControlAnswer> AnswerAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        ControlRequest? request = Read(line.Span);
        switch (request?.Verb)
        {
            case ControlRequest.Status:
                return new ControlAnswer { Status = reporter.Report() };
            case ControlRequest.Probe:
                return PeerSearch.Find(reporter.Peers, request.Peers, out IReadOnlyList<Peer> wanted) is string problem
                    ? new ControlAnswer { Error = problem }
                    : new ControlAnswer { Probe = await ProbeAsync(wanted, cancellationToken).ConfigureAwait(false) };
            case ControlRequest.Diagnosis:
                return new ControlAnswer { Diagnosis = diagnosis?.Report() ?? [] };
            case ControlRequest.Stop:
                return new ControlAnswer { StoppingPid = Environment.ProcessId };
            case ControlRequest.Reload when Reload is not null:
                return new ControlAnswer { Reload = await Reload(cancellationToken).ConfigureAwait(false) };
            case ControlRequest.StateInit when Store is not null && request.Unused is not null:
                return request.StateDir == Store.Folder
                    ? MakeRecords(Store, request.Unused)
                    : new ControlAnswer { Error = $"state_dir {Store.Folder} is what this natt-tun runs with" };
            default:
                return new ControlAnswer { Error = """expected {"verb":"status"}, {"verb":"probe"}, {"verb":"diagnosis"}, {"verb":"reload"} or {"verb":"stop"}""" };
        }
    }

    private static ControlAnswer MakeRecords(StateStore store, IReadOnlyList<UnusedAssociation?> unused)
    {
        var pairs = new List<(AssociationFingerprint Inbound, AssociationFingerprint Outbound)>();
        foreach (UnusedAssociation? association in unused)
        {
            if (association is null || !association.TryRead(out AssociationFingerprint inbound, out AssociationFingerprint outbound))
            {
                return new ControlAnswer { Error = "32 hexadecimal digits are expected for each of inbound and outbound" };
            }

            pairs.Add((inbound, outbound));
        }

        try
        {
            return new ControlAnswer { Records = store.DeclareUnused(pairs) };
        }
        catch (StateUnavailableException e)
        {
            return new ControlAnswer { Error = e.Message };
        }
    }

    private static ControlRequest? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ControlJson.Default.ControlRequest);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<ImmutableArray<ProbeResult>> ProbeAsync(IReadOnlyList<Peer> wanted, CancellationToken cancellationToken)
    {
        ImmutableArray<ProbeResult>.Builder results = ImmutableArray.CreateBuilder<ProbeResult>(wanted.Count);
        foreach (Peer[] some in wanted.Chunk(PeersAtOnce))
        {
            TimeSpan now = time.GetElapsedTime(0);
            ProbeRound[] rounds = [.. some.Select(peer => new ProbeRound(peer, now))];
            while (!TryFinish(rounds, time.GetElapsedTime(0)))
            {
                await Task.Delay(LookPeriod, time, cancellationToken).ConfigureAwait(false);
            }

            results.AddRange(rounds.Select(round => round.Result!));
        }

        return results.ToImmutable();
    }

    private static bool TryFinish(ProbeRound[] rounds, TimeSpan now)
    {
        foreach (ProbeRound round in rounds)
        {
            round.Update(now);
        }

        return rounds.All(round => round.Result is not null);
    }
}
