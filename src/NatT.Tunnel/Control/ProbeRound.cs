using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Control;

/// <summary>Asks one peer for an answer, up to three times. The peer's monitor decides when a probe may go; this only watches.</summary>
internal sealed class ProbeRound
{
    private const int Attempts = 3;

    /// <summary>For the attempts, and for a monitor that had just sent a probe or has a candidate to ask in between.</summary>
    private static readonly TimeSpan Patience = PeerMonitor.ProbeSpacing * (2 * Attempts + 1);

    private readonly Peer _peer;
    private readonly TimeSpan _startedAt;
    private readonly long _sentBefore;

    public ProbeRound(Peer peer, TimeSpan now)
    {
        _peer = peer;
        _startedAt = now;
        _sentBefore = peer.Monitor.Sight.ProbesSent;
        if (peer.ProbeSource is null || peer.ProbeTarget is null)
        {
            Finish(null, 0, "no inner addresses to probe between, set dpd_target in its conf");
        }
    }

    /// <summary>Null while the round goes on.</summary>
    public ProbeResult? Result { get; private set; }

    /// <summary>Looks whether an answer came, and asks for the next probe where one was missed.</summary>
    public void Update(TimeSpan now)
    {
        if (Result is not null)
        {
            return;
        }

        PeerSight sight = _peer.Monitor.Sight;
        int sent = (int)(sight.ProbesSent - _sentBefore);
        if (sight.LastAnswer is ProbeAnswer answer && answer.SentAt >= _startedAt)
        {
            Finish(Math.Round(answer.RoundTrip.TotalMilliseconds, 3), sent - 1, null);
        }
        else if (sent == 0 && _peer.Monitor.Route.Endpoint is null && now - _startedAt >= PeerMonitor.ProbeSpacing)
        {
            Finish(null, 0, "its address is not known yet, nothing came from it");
        }
        else if (sent > 0 && now - sight.LastProbeAt < PeerMonitor.ProbeSpacing)
        {
            // Under way.
        }
        else if (sent >= Attempts || now - _startedAt >= Patience)
        {
            Finish(null, sent, null);
        }
        else
        {
            _peer.Monitor.AskForProbe();
        }
    }

    private void Finish(double? rttMs, int misses, string? problem) => Result = new ProbeResult
    {
        Name = _peer.Name,
        Endpoint = _peer.Monitor.Route.Endpoint?.ToString(),
        RttMs = rttMs,
        Misses = misses,
        Problem = problem,
    };
}
