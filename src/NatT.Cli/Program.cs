using CommandLine;
using CommandLine.Text;

namespace NatT.Cli;

/// <summary>The <c>natt-tun</c> command.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        using var parser = new Parser(settings =>
        {
            settings.HelpWriter = null;
            settings.AutoVersion = true;
        });
        ParserResult<RunOptions> parsed = parser.ParseArguments<RunOptions>(arguments);
        return await parsed.MapResult(
            options => new RunCommand(options).ExecuteAsync(),
            errors => Task.FromResult(ExplainUsage(parsed, [.. errors]))).ConfigureAwait(false);
    }

    private static int ExplainUsage(ParserResult<RunOptions> parsed, IReadOnlyList<Error> errors)
    {
        if (errors.IsVersion())
        {
            Console.Out.WriteLine(HelpText.AutoBuild(parsed));
            return ExitCode.Success;
        }

        if (errors.IsHelp())
        {
            Console.Out.WriteLine(Help.Build(parsed));
            return ExitCode.Success;
        }

        foreach (Error error in errors)
        {
            Console.Error.WriteLine($"natt-tun: {Help.Explain(error)}; see natt-tun --help");
        }

        return ExitCode.ConfigurationError;
    }
}
