using System.Globalization;

namespace NatT.Benchmarks;

/// <summary><c>--quick</c>: every engine's medians over rounds that take turns, so that a busy machine is unfair to none.</summary>
internal static class QuickTable
{
    private const int Rounds = 9;

    public static void Print()
    {
        foreach (EngineRow missing in EngineRow.Missing)
        {
            Console.WriteLine($"this CPU has no {missing.Name}: its row of {missing.Suite} is missing");
        }

        EngineProcess[] engines = [.. EngineRow.OfThisCpu.Select(row => new EngineProcess(row))];
        double[][][] rounds = [.. Enumerable.Range(0, Rounds).Select(_ => engines.Select(engine => engine.MeasureRound()).ToArray())];
        Array.ForEach(engines, engine => engine.Dispose());
        double[][] figures = [.. engines.Select((_, engine) => Median([.. rounds.Select(round => round[engine])]))];
        foreach (string suite in SuiteContestant.Suites.Keys)
        {
            Print(suite, "sealed", figures, 0);
            Print(suite, "opened", figures, QuickRound.FiguresPerDirection);
        }
    }

    private static double[] Median(double[][] rounds) =>
        [.. rounds[0].Select((_, figure) =>
        {
            double[] all = [.. rounds.Select(round => round[figure]).Order()];
            return figure % QuickRound.FiguresPerDirection == 1 ? all[^1] : all[all.Length / 2];
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

            double[][] cases = [.. figures[i].Chunk(QuickRound.FiguresPerCase).Select(one => one[offset..(offset + QuickRound.FiguresPerDirection)])];
            IEnumerable<string> cells = cases.Select(one =>
                string.Create(CultureInfo.InvariantCulture, $"{one[0] / 1e9,6:0.00}{one[1] / 1e9,6:0.00}"));
            Console.WriteLine($"  {EngineRow.OfThisCpu[i].Name,-14}{string.Concat(cells)}  {cases.Max(one => one[2])} B");
        }
    }
}
