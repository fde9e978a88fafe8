using System.Globalization;
using System.Text.Json;

namespace NatT.Hostile.Tests;

/// <summary>What came of one behaviour.</summary>
/// <param name="Behaviour">Its name.</param>
/// <param name="Problem">What was not as it has to be; null: nothing.</param>
/// <param name="Counted">The counters that moved, and by how much.</param>
internal sealed record Verdict(string Behaviour, string? Problem, string Counted)
{
    /// <summary>A line of the script's; null: it says something else.</summary>
    public static Verdict? TryRead(string line)
    {
        if (!line.StartsWith('{'))
        {
            return null;
        }

        using var report = JsonDocument.Parse(line);
        JsonElement root = report.RootElement;
        IEnumerable<string> counted = root.GetProperty("counted").EnumerateObject()
            .Where(counter => counter.Value.GetInt64() > 0)
            .OrderBy(counter => counter.Name == "delivered" ? "" : counter.Name, StringComparer.Ordinal)
            .Select(counter => string.Create(CultureInfo.InvariantCulture, $"{counter.Name} {counter.Value.GetInt64()}"));
        string all = string.Join(", ", counted);
        return new Verdict(root.GetProperty("behaviour").GetString()!, root.GetProperty("problem").GetString(), all.Length == 0 ? "none" : all);
    }
}
