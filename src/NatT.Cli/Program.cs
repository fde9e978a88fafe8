using NatT.Cli.Export;
using NatT.Cli.Import;

namespace NatT.Cli;

/// <summary>The <c>natt-tun</c> command.</summary>
internal static class Program
{
    private static readonly Verb[] Verbs =
    [
        Verb.Of("status", StatusCommand.Help, (StatusOptions options) => new StatusCommand(options).ExecuteAsync()),
        Verb.Of("probe", ProbeCommand.Help, (ProbeOptions options) => new ProbeCommand(options).ExecuteAsync()),
        Verb.Of("reload", ReloadCommand.Help, (ReloadOptions options) => new ReloadCommand(options).ExecuteAsync()),
        Verb.Of("stop", StopCommand.Help, (StopOptions options) => new StopCommand(options).ExecuteAsync()),
        Verb.Of("check", CheckCommand.Help, (CheckOptions options) => CheckCommand.ExecuteAsync(options)),
        Verb.Of("state", StateCommand.Help, (StateOptions options) => Task.FromResult(StateCommand.Execute(options))),
        Verb.Of("export", ExportCommand.Help, (ExportOptions options) => ExportCommand.ExecuteAsync(options)),
        Verb.Of("import", ImportCommand.Help, (ImportOptions options) => Task.FromResult(ImportCommand.Execute(options))),
        Verb.Of("keygen", KeygenCommand.Help, (KeygenOptions options) => Task.FromResult(KeygenCommand.Execute(options))),
    ];

    private static Task<int> Main(string[] arguments)
    {
        Confinement.ForbidDumps();
        if (arguments is not [string first, .. string[] rest] || first.StartsWith('-'))
        {
            return CommandArguments.RunAsync(Help.OfRun(Verbs), arguments, (RunOptions options) => new RunCommand(options).ExecuteAsync());
        }

        return Verbs.FirstOrDefault(verb => verb.Name == first) is Verb verb
            ? verb.RunAsync(rest)
            : Task.FromResult(CommandArguments.Refuse("natt-tun", $"there is no verb {first}, a conf goes behind --conf"));
    }
}
