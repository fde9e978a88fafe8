using System.Diagnostics;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>Waiting, always bounded.</summary>
internal static class Wait
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Until the condition no longer holds or time is up; woken by pulses of <paramref name="monitor"/>, which the caller holds.</summary>
    public static void While(object monitor, TimeSpan limit, Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan left = limit;
        while (condition() && left > TimeSpan.Zero)
        {
            Monitor.Wait(monitor, left);
            left = limit - Stopwatch.GetElapsedTime(start);
        }
    }

    /// <summary>Fails the test where the condition does not come true in time.</summary>
    public static void Until(string what, TimeSpan limit, Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < limit, $"not within {limit.TotalSeconds} s: {what}");
            Thread.Sleep(PollInterval);
        }
    }
}
