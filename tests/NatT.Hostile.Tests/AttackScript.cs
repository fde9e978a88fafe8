using NatT.EndToEnd.Tests.Lab;

namespace NatT.Hostile.Tests;

/// <summary><c>attack.py</c>, which knows the behaviours and tries them.</summary>
internal static class AttackScript
{
    private const string Python = "/usr/bin/python3";
    private static readonly string File = Path.Combine(AppContext.BaseDirectory, "Attack", "attack.py");

    /// <summary>In the order in which they are tried.</summary>
    public static IReadOnlyList<string> Behaviours { get; } =
        Command.Run(CommandLine("--list")).OutputOrFail().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static string[] CommandLine(params string[] arguments) => [Python, "-B", File, .. arguments];
}
