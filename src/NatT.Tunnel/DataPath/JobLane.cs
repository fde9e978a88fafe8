using NatT.Crypto;

namespace NatT.Tunnel.DataPath;

/// <summary>The jobs of one batch that are of one suite, in the order they came. One thread at a time owns it.</summary>
internal sealed class JobLane<TJob>(CipherSuite suite, int capacity)
    where TJob : struct
{
    private readonly TJob[] _jobs = new TJob[capacity];
    private int _count;

    public CipherSuite Suite { get; } = suite;

    public Span<TJob> Jobs => _jobs.AsSpan(0, _count);

    public ref TJob this[int index] => ref _jobs[index];

    /// <summary>Appends a job; returns its index.</summary>
    public int Add(in TJob job)
    {
        _jobs[_count] = job;
        return _count++;
    }

    public void Clear() => _count = 0;
}
