using System.Collections.Immutable;
using System.Text.Json;
using NatT.Tunnel.Diagnosis;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Control;

/// <summary>What can be asked of a running natt-tun: a request's octets in, the answer out. Nothing a request holds throws.</summary>
public sealed class ControlVerbs(StatusReporter reporter, PeerTable peers, TimeProvider time, MismatchDiagnosis? diagnosis = null)
{
    /// <summary>So many probes fit the queue to the outbound thread, with room for what else is under way.</summary>
    private const int PeersAtOnce = 100;

    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(20);

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
                return PeerSearch.Find(peers.Peers, request.Peers, out IReadOnlyList<Peer> wanted) is string problem
                    ? new ControlAnswer { Error = problem }
                    : new ControlAnswer { Probe = await ProbeAsync(wanted, cancellationToken).ConfigureAwait(false) };
            case ControlRequest.Diagnosis:
                return new ControlAnswer { Diagnosis = diagnosis?.Report() ?? [] };
            case ControlRequest.Stop:
                return new ControlAnswer { StoppingPid = Environment.ProcessId };
            default:
                return new ControlAnswer { Error = """expected {"verb":"status"}, {"verb":"probe"}, {"verb":"diagnosis"} or {"verb":"stop"}""" };
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
