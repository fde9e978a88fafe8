using Microsoft.Extensions.Logging;
using NatT.Tunnel.Control;

namespace NatT.Tunnel.Diagnosis;

/// <summary>Logs what was found, at most one line a cause a minute, and remembers the latest of each cause and peer for whoever asks.</summary>
/// <remarks>Keys that only one end has so far are no fault, and may stay so for days: one line an hour.</remarks>
internal sealed class MismatchLog(ILogger logger)
{
    private const int MostRemembered = 64;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan NextKeysPeriod = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly TimeSpan?[] _loggedAt = new TimeSpan?[Enum.GetValues<MismatchCause>().Length];
    private readonly List<(Mismatch Mismatch, TimeSpan At)> _remembered = [];

    public void Note(in Mismatch mismatch, TimeSpan now)
    {
        lock (_gate)
        {
            (MismatchCause cause, string? peer) = (mismatch.Cause, mismatch.Peer);
            _remembered.RemoveAll(entry => entry.Mismatch.Cause == cause && entry.Mismatch.Peer == peer);
            if (_remembered.Count == MostRemembered)
            {
                _remembered.RemoveAt(0);
            }

            _remembered.Add((mismatch, now));
        }

        if (_loggedAt[(int)mismatch.Cause] is not TimeSpan before || now - before >= PeriodOf(mismatch.Cause))
        {
            _loggedAt[(int)mismatch.Cause] = now;
            TunnelLog.Mismatch(logger, mismatch.Text);
        }
    }

    /// <summary>What was found of keys and confs that are no more.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _remembered.Clear();
        }
    }

    private static TimeSpan PeriodOf(MismatchCause cause) => cause == MismatchCause.NextKeys ? NextKeysPeriod : Period;

    /// <summary>The latest last. Any thread.</summary>
    public IReadOnlyList<(Mismatch Mismatch, TimeSpan At)> Remembered
    {
        get
        {
            lock (_gate)
            {
                return [.. _remembered];
            }
        }
    }
}
