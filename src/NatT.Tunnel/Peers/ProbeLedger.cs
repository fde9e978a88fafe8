namespace NatT.Tunnel.Peers;

/// <summary>The probes under way, oldest first. An answer is good once and for a limited time. Not thread-safe.</summary>
public sealed class ProbeLedger
{
    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    private const int Capacity = 16;

    private readonly List<Probe> _outstanding = new(Capacity);

    /// <summary>Probes there ever were.</summary>
    public long Sent { get; private set; }

    public TimeSpan? LastSentAt { get; private set; }

    public ProbeAnswer? LastAnswer { get; private set; }

    public void Add(Probe probe)
    {
        Sent++;
        LastSentAt = probe.SentAt;
        if (_outstanding.Count == Capacity)
        {
            _outstanding.RemoveAt(0);
        }

        _outstanding.Add(probe);
    }

    /// <summary>Takes the probe with these bits out, if it waits and is not too old.</summary>
    public bool TryTake(UInt128 bits, TimeSpan now, out Probe probe)
    {
        int index = _outstanding.FindIndex(p => p.Bits == bits);
        probe = index < 0 ? default : _outstanding[index];
        if (index < 0)
        {
            return false;
        }

        _outstanding.RemoveAt(index);
        TimeSpan roundTrip = now - probe.SentAt;
        if (roundTrip > Lifetime)
        {
            return false;
        }

        LastAnswer = new ProbeAnswer(probe.SentAt, roundTrip);
        return true;
    }

    /// <summary>Forgets all: after a window started over, answers to what was asked before prove nothing about it.</summary>
    public void Clear() => _outstanding.Clear();
}
