using System.Diagnostics;
using System.Globalization;

namespace NatT.Benchmarks;

/// <summary><c>--quick</c>: every engine's medians over rounds that take turns, so that a busy machine is unfair to none.</summary>
internal static class QuickTable
{
    private const int Rounds = 9;

    /// <summary>Figures of a case: median, best and octets allocated, of sealing, then of opening.</summary>
    private const int FiguresPerCase = 2 * FiguresPerDirection;

    private const int FiguresPerDirection = 3;

    public static void Print()
    {
        foreach (EngineRow missing in EngineRow.Missing)
        {
            Console.WriteLine($"this CPU has no {missing.Name}: its row of {missing.Suite} is missing");
        }

        Process[] processes = [.. EngineRow.OfThisCpu.Select(Start)];
        double[][][] rounds = [.. Enumerable.Range(0, Rounds + 1).Select(_ => processes.Select(Round).ToArray())];
        Array.ForEach(processes, process => process.StandardInput.Close());

        // The first round is the JIT's.
        double[][] figures = [.. processes.Select((_, engine) => Median([.. rounds.Skip(1).Select(round => round[engine])]))];
        foreach (string suite in SuiteContestant.Suites.Keys)
        {
            Print(suite, "sealed", figures, 0);
            Print(suite, "opened", figures, FiguresPerDirection);
        }
    }

    private static Process Start(EngineRow row)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(QuickTable).Assembly.Location);
        }

        start.ArgumentList.Add(QuickRound.Argument);
        foreach ((string name, string value) in row.Variables)
        {
            start.Environment[name] = value;
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
            return figure % FiguresPerDirection == 1 ? all[^1] : all[all.Length / 2];
        })];

    private static void Print(string suite, string done, double[][] figures, int offset)
    {
        IEnumerable<string> columns = QuickRound.Cases.Select(one => $"{one.BatchSize} {one.Sizes.ToString().ToLowerInvariant()}");
        Console.WriteLine($"\n{suite} {done}, GB/s a core by batch size: median, best");
        Console.WriteLine($"  {string.Empty,-14}{string.Concat(columns.Select(column => $"{column,12}"))}  allocated");
        for (int i = 0; i < figures.Length; i++)
        {
            if (EngineRow.OfThisCpu[i].Suite != suite)
            {
                continue;
            }

            double[][] cases = [.. figures[i].Chunk(FiguresPerCase).Select(one => one[offset..(offset + FiguresPerDirection)])];
            IEnumerable<string> cells = cases.Select(one =>
                string.Create(CultureInfo.InvariantCulture, $"{one[0] / 1e9,6:0.00}{one[1] / 1e9,6:0.00}"));
            Console.WriteLine($"  {EngineRow.OfThisCpu[i].Name,-14}{string.Concat(cells)}  {cases.Max(one => one[2])} B");
        }
    }
}
