using NatT.Crypto;

namespace NatT.Tunnel.DataPath;

/// <summary>
/// The jobs of one batch in a lane for each suite: peers may differ in suite, and a suite is fast on many packets a call.
/// One thread at a time owns it.
/// </summary>
/// <remarks>A lane is made when its suite is first met, and stays: there are as many as suites in use, mostly one.</remarks>
internal sealed class JobLanes<TJob>(int capacity)
    where TJob : struct
{
    private JobLane<TJob>[] _lanes = [];

    public ReadOnlySpan<JobLane<TJob>> All => _lanes;

    public JobLane<TJob> Of(CipherSuite suite)
    {
        foreach (JobLane<TJob> lane in _lanes)
        {
            if (lane.Suite == suite)
            {
                return lane;
            }
        }

        var added = new JobLane<TJob>(suite, capacity);
        _lanes = [.. _lanes, added];
        return added;
    }

    public void Clear()
    {
        foreach (JobLane<TJob> lane in _lanes)
        {
            lane.Clear();
        }
    }
}
