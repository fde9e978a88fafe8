namespace NatT.Cli;

/// <summary>The first word after <c>natt-tun</c>, and what it makes the command do.</summary>
/// <param name="Name">As typed.</param>
/// <param name="Summary">One sentence for <c>natt-tun --help</c>.</param>
/// <param name="RunAsync">Takes the arguments behind the verb and returns the exit code.</param>
internal sealed record Verb(string Name, string Summary, Func<string[], Task<int>> RunAsync)
{
    public static Verb Of<TOptions>(string name, CommandHelp help, Func<TOptions, Task<int>> executeAsync)
        where TOptions : CommandOptions =>
        new(name, help.Summary, arguments => CommandArguments.RunAsync(help, arguments, executeAsync));
}
