using System.Diagnostics;
using System.Globalization;

namespace NatT.Benchmarks;

/// <summary>One engine in a process of its own, under the settings that choose it: measures a round for each line it is sent.</summary>
internal static class QuickRound
{
    public const string Argument = "--rounds";

    /// <summary>Figures of a case: median, best and octets allocated, of sealing, then of opening.</summary>
    public const int FiguresPerCase = 2 * FiguresPerDirection;

    public const int FiguresPerDirection = 3;

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(15);

    /// <summary>What a round measures, in this order: sealing, then opening each.</summary>
    public static IReadOnlyList<(PacketSizes Sizes, int BatchSize)> Cases { get; } =
    [
        (PacketSizes.Full, 1), (PacketSizes.Full, 4), (PacketSizes.Full, 8), (PacketSizes.Full, 16), (PacketSizes.Full, 32),
        (PacketSizes.Full, 64), (PacketSizes.Full, 128), (PacketSizes.Mixed, 16), (PacketSizes.Mixed, 64), (PacketSizes.Mixed, 128),
        (PacketSizes.Small, 1), (PacketSizes.Small, 16),
    ];

    /// <summary>Answers each line with octets per second and octets allocated, sealing and opening, of each case.</summary>
    public static void Serve()
    {
        var traffic = Cases.Select(one => new Traffic(one.Sizes, one.BatchSize)).ToArray();
        IContestant[] contestants = [.. traffic.Select(one => Create(one))];
        while (Console.In.ReadLine() is not null)
        {
            var figures = new List<double>();
            for (int i = 0; i < contestants.Length; i++)
            {
                contestants[i].Seal();
                traffic[i].Remember();
                figures.AddRange(Measure(contestants[i].Seal, () => { }, traffic[i].BodyOctets));
                figures.AddRange(Measure(contestants[i].Open, traffic[i].Restore, traffic[i].BodyOctets));
            }

            Console.Out.WriteLine(string.Join(' ', figures.Select(figure => figure.ToString("R", CultureInfo.InvariantCulture))));
        }
    }

    public static IContestant Create(Traffic traffic)
    {
        string suite = Environment.GetEnvironmentVariable(EngineRow.SuiteVariable) ?? SuiteContestant.Suites.Keys.First();
        if (Environment.GetEnvironmentVariable(EngineRow.PlatformVariable) is null)
        {
            return new SuiteContestant(traffic, SuiteContestant.Suites[suite]());
        }

        return suite switch
        {
            "aes-gcm-16" => PlatformAeadContestant.AesGcm(traffic),
            "chacha20-poly1305" => PlatformAeadContestant.ChaCha20Poly1305(traffic),
            _ => new PlatformContestant(traffic),
        };
    }

    private static double[] Measure(Action action, Action prepare, int octets)
    {
        var rates = new List<double>();
        long allocated = 0;
        long end = Stopwatch.GetTimestamp() + (long)(Slice.TotalSeconds * Stopwatch.Frequency);
        do
        {
            prepare();
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            action();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            rates.Add(octets / seconds);
        }
        while (Stopwatch.GetTimestamp() < end);
        rates.Sort();
        return [rates[rates.Count / 2], rates[^1], allocated];
    }
}
