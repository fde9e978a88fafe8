namespace NatT.Tunnel.Peers;

/// <summary>The probes under way, oldest first. An answer is good once and for a limited time. Not thread-safe.</summary>
public sealed class ProbeLedger
{
    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    private const int Capacity = 16;

    /// <summary>Room for more than this in advance would be most of what a peer takes in memory.</summary>
    private const int Spare = 4;

    private readonly List<Probe> _outstanding = [];

    /// <summary>Probes there ever were.</summary>
    public long Sent { get; private set; }

    public TimeSpan? LastSentAt { get; private set; }

    public ProbeAnswer? LastAnswer { get; private set; }

    public void Add(Probe probe)
    {
        Sent++;
        LastSentAt = probe.SentAt;
        _outstanding.RemoveAll(p => probe.SentAt - p.SentAt > Lifetime);
        if (_outstanding.Count == Capacity)
        {
            _outstanding.RemoveAt(0);
        }

        int count = _outstanding.Count + 1;
        if (count > _outstanding.Capacity || count + Spare < _outstanding.Capacity)
        {
            _outstanding.Capacity = count;
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
