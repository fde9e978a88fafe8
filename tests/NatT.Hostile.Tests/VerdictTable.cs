namespace NatT.Hostile.Tests;

/// <summary>A table of verdicts as tests/run.sh shows it behind a suite.</summary>
internal static class VerdictTable
{
    /// <summary>Writes <c>SUITE.table</c> into the folder that tests/run.sh names, or beside the tests.</summary>
    public static void Write(string suite, IReadOnlyCollection<Verdict> verdicts)
    {
        string folder = Environment.GetEnvironmentVariable("NATT_TABLES") ?? AppContext.BaseDirectory;
        File.WriteAllLines(Path.Combine(folder, $"{suite}.table"), Lines(verdicts));
    }

    private static IEnumerable<string> Lines(IReadOnlyCollection<Verdict> verdicts)
    {
        int width = verdicts.Select(verdict => verdict.Behaviour.Length).DefaultIfEmpty().Max();
        yield return Line("behaviour".PadRight(width), "verdict", "counter");
        yield return Line(new string('-', width), "-------", "-------");
        foreach (Verdict verdict in verdicts)
        {
            yield return Line(verdict.Behaviour.PadRight(width), verdict.Problem is null ? "holds  " : "FAILS  ", verdict.Counted);
        }
    }

    private static string Line(params string[] columns) => $"| {string.Join(" | ", columns)} |";
}
