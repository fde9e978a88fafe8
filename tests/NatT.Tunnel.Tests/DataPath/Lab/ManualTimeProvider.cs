namespace NatT.Tunnel.Tests.DataPath.Lab;

/// <summary>A clock that stands still until a test moves it.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private TimeSpan _now = TimeSpan.FromHours(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>What a machine believes the date to be; nothing of a tunnel may ask.</summary>
    public DateTimeOffset Date { get; set; } = DateTimeOffset.UnixEpoch;

    public int DateAsked { get; private set; }

    public override long GetTimestamp() => _now.Ticks;

    public override DateTimeOffset GetUtcNow()
    {
        DateAsked++;
        return Date;
    }

    public void Advance(TimeSpan span) => _now += span;
}
