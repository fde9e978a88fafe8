using System.Diagnostics;
using System.Globalization;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>Paced datagrams through the tunnels between a hub and its spokes, from construction until disposed.</summary>
internal sealed class Flows : IDisposable
{
    /// <summary>The spokes send, and the hub answers.</summary>
    public const string Spokes = "spokes";

    /// <summary>The hub sends, and the spokes say nothing at all.</summary>
    public const string Hub = "hub";

    /// <summary>The hub sends, and the spokes answer.</summary>
    public const string AskingHub = "asking-hub";

    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Lab", "flows.py");

    private readonly BackgroundProcess _process;
    private readonly string[] _spokes;
    private readonly Dictionary<string, List<long>> _arrivals;
    private int _linesRead;

    /// <param name="who">Sends: <see cref="Spokes"/>, <see cref="Hub"/> or <see cref="AskingHub"/>.</param>
    /// <param name="pace">Between two datagrams of one flow.</param>
    /// <param name="hub">With its inner address.</param>
    /// <param name="spokes">With theirs.</param>
    public Flows(string who, TimeSpan pace, (NetworkNamespace Host, string Inner) hub, params (NetworkNamespace Host, string Inner)[] spokes)
    {
        _spokes = [.. spokes.Select(spoke => spoke.Host.Name)];
        _arrivals = _spokes.ToDictionary(spoke => spoke, _ => new List<long>());
        _process = new BackgroundProcess("flows.py", [
            "/usr/bin/python3", Script, who, pace.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
            hub.Host.Name, hub.Inner, .. spokes.Select(spoke => $"{spoke.Host.Name}={spoke.Inner}")]);
    }

    /// <summary>Waits until something arrived in each flow after the timestamp; returns how long after, in the order of the spokes.</summary>
    public TimeSpan[] FirstArrivalsAfter(long timestamp, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        while (Missing(timestamp) is [_, ..] missing)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < limit, $"within {limit.TotalSeconds} s nothing arrived at {string.Join(", ", missing)}");
            Thread.Sleep(50);
        }

        return [.. _spokes.Select(spoke => Stopwatch.GetElapsedTime(timestamp, _arrivals[spoke].Find(at => at > timestamp)))];
    }

    /// <summary>Lets the flows go on for <paramref name="duration"/> and until each arrives; returns the longest gap of each since the timestamp.</summary>
    public TimeSpan[] LongestGapsAfter(long timestamp, TimeSpan duration, TimeSpan limit)
    {
        FirstArrivalsAfter(Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency), limit);
        return [.. _spokes.Select(spoke => LongestGap(_arrivals[spoke], timestamp))];
    }

    public void Dispose() => _process.Dispose();

    /// <summary>Flows of which nothing arrived after the timestamp.</summary>
    private string[] Missing(long timestamp)
    {
        ReadArrivals();
        return [.. _spokes.Where(spoke => _arrivals[spoke] is not [.., long last] || last <= timestamp)];
    }

    private static TimeSpan LongestGap(List<long> arrivals, long since)
    {
        int first = Math.Max(1, arrivals.FindIndex(at => at > since));
        return arrivals.Skip(first).Zip(arrivals.Skip(first - 1))
            .Select(pair => Stopwatch.GetElapsedTime(pair.Second, pair.First)).DefaultIfEmpty().Max();
    }

    /// <remarks>A <see cref="Stopwatch"/> reads the monotonic clock that the script reads.</remarks>
    private void ReadArrivals()
    {
        string[] lines = _process.LinesAfter(_linesRead);
        _linesRead += lines.Length;
        foreach (string line in lines)
        {
            Assert.True(line.Split(' ') is ["arrived", _, _], $"flows.py: {_process.Log}");
            _arrivals[line.Split(' ')[1]].Add(long.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture));
        }
    }
}
