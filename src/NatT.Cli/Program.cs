namespace NatT.Cli;

/// <summary>The <c>natt-tun</c> command.</summary>
internal static class Program
{
    private static readonly Verb[] Verbs = [];

    private static Task<int> Main(string[] arguments)
    {
        if (arguments is not [string first, .. string[] rest] || first.StartsWith('-'))
        {
            return CommandArguments.RunAsync(Help.OfRun(Verbs), arguments, (RunOptions options) => new RunCommand(options).ExecuteAsync());
        }

        return Verbs.FirstOrDefault(verb => verb.Name == first) is Verb verb
            ? verb.RunAsync(rest)
            : Task.FromResult(CommandArguments.Refuse("natt-tun", $"there is no verb {first}, a conf goes behind --conf"));
    }
}
