using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Peers;

/// <summary>
/// Decides where a peer is. An authentic, newest packet from elsewhere only nominates a candidate; the candidate is
/// probed, within three times what it sent, and becomes the endpoint by answering. Not thread-safe.
/// </summary>
public sealed class EndpointTracker
{
    /// <summary>A candidate that neither answers nor sends for this long is forgotten.</summary>
    public static readonly TimeSpan CandidateLifetime = TimeSpan.FromSeconds(10);

    private const int AmplificationLimit = 3;

    private long _candidateBudget;
    private TimeSpan _candidateHeardAt;

    /// <summary>Where traffic goes; null until known.</summary>
    public OuterEndpoint? Current { get; private set; }

    public OuterEndpoint? Candidate { get; private set; }

    /// <summary>Whether the last probe's target was the candidate.</summary>
    public bool WasCandidateChosen { get; private set; }

    /// <summary>Makes <paramref name="endpoint"/> the endpoint and drops the candidate.</summary>
    public void MoveTo(OuterEndpoint endpoint)
    {
        Current = endpoint;
        Candidate = null;
        WasCandidateChosen = false;
    }

    /// <summary>Notes that authentic octets came from somewhere else than <see cref="Current"/>.</summary>
    public void Nominate(OuterEndpoint endpoint, int octets, TimeSpan now)
    {
        if (Candidate != endpoint)
        {
            Candidate = endpoint;
            _candidateBudget = 0;
        }

        _candidateBudget += (long)AmplificationLimit * octets;
        _candidateHeardAt = now;
    }

    /// <summary>
    /// Where a probe of <paramref name="octets"/> goes: to candidate and endpoint in turn where there are both. Whoever replays an
    /// old packet from elsewhere makes a candidate of himself, and must not keep the endpoint from being asked.
    /// </summary>
    public bool TryChooseTarget(int octets, TimeSpan now, out OuterEndpoint target)
    {
        bool isEndpointsTurn = Current is not null && WasCandidateChosen;
        WasCandidateChosen = !isEndpointsTurn && TrySpendOnCandidate(octets, now);
        OuterEndpoint? chosen = WasCandidateChosen ? Candidate : Current;
        target = chosen ?? default;
        return chosen is not null;
    }

    /// <summary>When <see cref="TryChooseTarget"/> has something to do: now, where it finds one; once a candidate is to be forgotten; never.</summary>
    public TimeSpan TargetAt(int octets, TimeSpan now)
    {
        if (Current is not null || (Candidate is not null && _candidateBudget >= octets))
        {
            return now;
        }

        return Candidate is null ? TimeSpan.MaxValue : _candidateHeardAt + CandidateLifetime + TimeSpan.FromTicks(1);
    }

    /// <summary>Takes a probe off the candidate's budget; false where there is no candidate or budget.</summary>
    private bool TrySpendOnCandidate(int octets, TimeSpan now)
    {
        if (Candidate is null)
        {
            return false;
        }

        if (now - _candidateHeardAt > CandidateLifetime)
        {
            Candidate = null;
            return false;
        }

        if (_candidateBudget < octets)
        {
            return false;
        }

        _candidateBudget -= octets;
        return true;
    }
}
