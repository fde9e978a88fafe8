using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NatT.Crypto;

namespace NatT.Benchmarks;

/// <summary>What the number of peers costs: both data paths in memory, at each number against one peer, and the memory of a peer.</summary>
internal static class PeersTable
{
    private const int Rounds = 7;

    /// <summary>Plain packets that a device has at once under load.</summary>
    private const int Burst = 64;

    private static readonly int[] Counts = [1, 100, 1_000, 10_000];
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);

    private static readonly (string Name, bool AreAllActive, int Burst)[] Cases =
    [
        ("one peer active, super-packets", false, 0),
        ("all active, super-packets in turn", true, 0),
        ("all active, one packet each in turn", true, Burst),
    ];

    public static void Print()
    {
        CipherSuite suite = AesCbcHmacSha256.Create();
        InMemoryPath[] paths = CreatePaths(suite);
        Console.WriteLine($"{suite.Name}, {suite.Engine}: GB/s of inner packets a core, both ends; in brackets, of one peer's");
        Console.WriteLine($"{"peers",-38}{string.Concat(Counts.Select(count => $"{count,16}"))}");
        foreach ((string name, double[] rates, double[] shares) in Measure(paths))
        {
            IEnumerable<string> figures = rates.Zip(shares, (rate, share) => string.Create(CultureInfo.InvariantCulture, $"{rate / 1e9,8:0.00} ({share,4:0%})"));
            Console.WriteLine($"{name,-38}{string.Concat(figures.Select(figure => $"{figure,16}"))}");
        }

        Console.WriteLine($"{"octets of memory a peer",-38}{string.Concat(paths.Select(path => $"{path.OctetsAPeer,16}"))}");
        Array.ForEach(paths, path => path.Dispose());
    }

    /// <summary>The largest number's shares of one peer's rate, and the memory of a peer, as a line of JSON.</summary>
    public static void PrintLine()
    {
        InMemoryPath[] paths = CreatePaths(AesCbcHmacSha256.Create());
        Dictionary<string, double> figures = Measure(paths).ToDictionary(row => row.Name, row => row.Shares[^1]);
        figures["kilobytes a peer"] = paths[^1].OctetsAPeer / 1e3;
        Console.WriteLine(JsonSerializer.Serialize(figures));
        Array.ForEach(paths, path => path.Dispose());
    }

    private static InMemoryPath[] CreatePaths(CipherSuite suite)
    {
        suite.WarmUp();
        return [.. Counts.Select(count => new InMemoryPath(suite, count))];
    }

    /// <summary>Of each case the rates, and their shares of one peer's.</summary>
    private static IEnumerable<(string Name, double[] Rates, double[] Shares)> Measure(InMemoryPath[] paths)
    {
        foreach ((string name, bool areAllActive, int burst) in Cases)
        {
            Prepare(paths, areAllActive, burst);
            Array.ForEach(paths, VisitAll);

            // The machine is fast or slow for all of them: the middle of the ratios, not the ratio of the middles.
            double[][] rounds = [.. Enumerable.Range(0, Rounds + 1).Select(_ => paths.Select(Rate).ToArray()).Skip(1)];
            yield return (
                name,
                [.. Counts.Select((_, i) => Middle(rounds.Select(round => round[i])))],
                [.. Counts.Select((_, i) => Middle(rounds.Select(round => round[i] / round[0])))]);
        }
    }

    private static void Prepare(InMemoryPath[] paths, bool areAllActive, int burst)
    {
        for (int i = 0; i < paths.Length; i++)
        {
            paths[i].Traffic.Active = areAllActive ? Counts[i] : 1;
            paths[i].Traffic.Burst = burst;
        }
    }

    /// <summary>Every peer has sent and received, and has its first marks on disk.</summary>
    private static void VisitAll(InMemoryPath path)
    {
        for (int visits = 0; visits < 2 * path.Traffic.Active; visits += Math.Max(1, path.Traffic.Burst))
        {
            path.Send();
            path.Receive();
        }
    }

    private static double Rate(InMemoryPath path)
    {
        var seconds = new List<double>();
        long end = Stopwatch.GetTimestamp() + (long)(Slice.TotalSeconds * Stopwatch.Frequency);
        do
        {
            seconds.Add(path.Send() + path.Receive());
        }
        while (Stopwatch.GetTimestamp() < end);

        // The longest tenth are those in which something else had the processor.
        int counted = seconds.Count * 9 / 10;
        return counted * path.Octets / seconds.Order().Take(counted).Sum();
    }

    private static double Middle(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);
}
