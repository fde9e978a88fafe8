namespace NatT.Tunnel.Control;

/// <summary>Finds how fast one direction's counters grow by looking at them now and then. Not thread-safe.</summary>
internal sealed class RateMeter(PathCounters counters)
{
    private TimeSpan? _sampledAt;
    private long _packets;
    private long _octets;

    /// <summary>Between the last two samples; zero before there are two.</summary>
    public TrafficRate Rate { get; private set; }

    public void Sample(TimeSpan now)
    {
        long packets = counters.Packets;
        long octets = counters.Octets;
        if (now - _sampledAt is TimeSpan passed && passed > TimeSpan.Zero)
        {
            Rate = new TrafficRate((packets - _packets) / passed.TotalSeconds, (octets - _octets) * 8 / passed.TotalSeconds);
        }

        _sampledAt = now;
        _packets = packets;
        _octets = octets;
    }
}
