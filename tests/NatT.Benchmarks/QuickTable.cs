using System.Diagnostics;
using System.Globalization;
using NatT.Crypto.Kernels;

namespace NatT.Benchmarks;

/// <summary><c>--quick</c>: every engine's medians over rounds that take turns, so that a busy machine is unfair to none.</summary>
internal static class QuickTable
{
    private const int Rounds = 9;

    /// <summary>Name, and the runtime's setting under which an engine is the one chosen.</summary>
    private static readonly (string Name, string? Setting, KernelTier? Tier)[] Engines =
    [
        ("AVX-512", null, KernelTier.Avx512),
        ("AVX2", "DOTNET_EnableAVX512", KernelTier.Avx2),
        ("AES-NI", "DOTNET_EnableAVX2", KernelTier.Aes),
        ("Bouncy Castle", "DOTNET_EnableAES", KernelTier.Portable),
        (QuickRound.Platform, null, null),
    ];

    public static int Print()
    {
        (string Name, string? Setting, KernelTier? Tier)[] engines =
            [.. Engines.Where(engine => engine.Tier is not KernelTier tier || KernelTiers.IsSupported(tier))];
        foreach (string missing in Engines.Except(engines).Select(engine => engine.Name))
        {
            Console.WriteLine($"this CPU has no {missing}: its row is missing");
        }

        Process[] processes = [.. engines.Select(engine => Start(engine.Name, engine.Setting))];
        double[][][] rounds = [.. Enumerable.Range(0, Rounds + 1).Select(_ => processes.Select(Round).ToArray())];
        Array.ForEach(processes, process => process.StandardInput.Close());

        // The first round is the JIT's.
        double[][] medians = [.. engines.Select((_, engine) => Median([.. rounds.Skip(1).Select(round => round[engine])]))];
        Print("seal, GB/s a core (median, best)", engines, medians, 0);
        Print("open, GB/s a core (median, best)", engines, medians, 3);
        return 0;
    }

    private static Process Start(string engine, string? setting)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(QuickTable).Assembly.Location);
        }

        start.ArgumentList.Add(QuickRound.Argument);
        start.ArgumentList.Add(engine);
        if (setting is not null)
        {
            start.Environment[setting] = "0";
        }

        return Process.Start(start)!;
    }

    private static double[] Round(Process process)
    {
        process.StandardInput.WriteLine();
        string line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("A round ended without figures.");
        return [.. line.Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
    }

    private static double[] Median(double[][] rounds) =>
        [.. rounds[0].Select((_, figure) =>
        {
            double[] all = [.. rounds.Select(round => round[figure]).Order()];
            return figure % 3 == 1 ? all[^1] : all[all.Length / 2];
        })];

    private static void Print(string title, (string Name, string? Setting, KernelTier? Tier)[] engines, double[][] figures, int offset)
    {
        Console.WriteLine($"\n{title}");
        Console.WriteLine($"  {string.Empty,-14}" + string.Concat(QuickRound.Cases.Select(one => $"{one.BatchSize + (one.Sizes == PacketSizes.Full ? " full" : " mixed"),12}")) + "  octets allocated");
        for (int i = 0; i < engines.Length; i++)
        {
            IEnumerable<string> cells = QuickRound.Cases.Select((_, column) =>
                string.Create(CultureInfo.InvariantCulture, $"{figures[i][(column * 6) + offset] / 1e9,6:0.00}{figures[i][(column * 6) + offset + 1] / 1e9,6:0.00}"));
            double allocated = QuickRound.Cases.Select((_, column) => figures[i][(column * 6) + offset + 2]).Max();
            Console.WriteLine($"  {engines[i].Name,-14}{string.Concat(cells)}  {allocated}");
        }
    }
}
