using System.Globalization;

namespace NatT.Fuzz;

/// <summary>What <c>tests/fuzz.sh</c> was asked to do.</summary>
/// <param name="Minutes">For each target.</param>
/// <param name="Targets">Names.</param>
/// <param name="Seed">The same gives the same inputs.</param>
/// <param name="Steps">Of the replay window's model.</param>
/// <param name="Replay">A file to run instead; null: none.</param>
internal sealed record FuzzOptions(double Minutes, IReadOnlyList<string> Targets, int Seed, long Steps, string? Replay)
{
    /// <summary>Steps of the replay window's model where nothing else was asked for.</summary>
    public const long DefaultSteps = 100_000_000;

    public static string Usage { get; } =
        $"""
        usage: tests/fuzz.sh [--minutes N] [--target NAME]... [--seed S] [--steps N]
               tests/fuzz.sh --target NAME --replay FILE

        Feeds damaged input to what reads strangers' octets, and exits with 1 where anything that must hold does not.
          --minutes N    for each target; by default 1
          --target NAME  {string.Join(", ", FuzzTargets.Names)}, {ReplayWindowModel.Name}; by default all
          --seed S       the same gives the same inputs; by default 1
          --steps N      of the replay window's model; by default {DefaultSteps}
          --replay FILE  runs one input, and says what came of it
        """;

    /// <summary>Null where the arguments are no good.</summary>
    public static FuzzOptions? Parse(string[] args)
    {
        var options = new FuzzOptions(1, [], 1, DefaultSteps, null);
        for (int i = 0; i + 1 < args.Length; i += 2)
        {
            string value = args[i + 1];
            FuzzOptions? next = args[i] switch
            {
                "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out double minutes) => options with { Minutes = minutes },
                "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out int seed) => options with { Seed = seed },
                "--steps" when long.TryParse(value, CultureInfo.InvariantCulture, out long steps) => options with { Steps = steps },
                "--target" when IsTarget(value) => options with { Targets = [.. options.Targets, value] },
                "--replay" => options with { Replay = value },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            options = next;
        }

        if (args.Length % 2 != 0 || (options.Replay is not null && options.Targets is not [not ReplayWindowModel.Name]))
        {
            return null;
        }

        return options.Targets.Count > 0 ? options : options with { Targets = [.. FuzzTargets.Names, ReplayWindowModel.Name] };
    }

    private static bool IsTarget(string name) => name == ReplayWindowModel.Name || FuzzTargets.Names.Contains(name);
}
