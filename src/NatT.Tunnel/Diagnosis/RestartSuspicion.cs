using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Diagnosis;

/// <summary>
/// Waits whether an answer decides what a number means that went back: the monitor asks by itself, and only where nothing comes back is
/// it undecidable. Of one peer at a time.
/// </summary>
internal sealed class RestartSuspicion
{
    /// <summary>In which the monitor probes three times.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>Who sends no old number for so long is no longer suspected.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(30);

    private string? _peer;
    private TimeSpan _since;
    private TimeSpan _lastAt;

    /// <summary>An authentic packet had an old number; true where that goes on and no probe was answered meanwhile.</summary>
    public bool IsUndecidable(string peer, PeerSight sight, TimeSpan now)
    {
        if (_peer is null || now - _lastAt > Memory)
        {
            (_peer, _since, _lastAt) = (peer, now, now);
            return false;
        }

        if (_peer != peer)
        {
            return false;
        }

        _lastAt = now;
        if (sight.LastAnswer is ProbeAnswer answer && answer.SentAt >= _since)
        {
            _since = now;
            return false;
        }

        if (now - _since < Patience)
        {
            return false;
        }

        // Others have their turn.
        _peer = null;
        return true;
    }
}
