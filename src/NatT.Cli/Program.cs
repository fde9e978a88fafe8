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
            settings.AllowMultiInstance = true;
        });
        ParserResult<RunOptions> parsed = parser.ParseArguments<RunOptions>(arguments);
        return await parsed.MapResult(
            options => options.Stray.FirstOrDefault() is string stray
                ? Task.FromResult(Refuse($"nobody knows what {stray} is for, a conf goes behind --conf"))
                : new RunCommand(options).ExecuteAsync(),
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

        // The first error is the cause; what else the parser finds is often its consequence.
        return Refuse(Help.Explain(errors[0]));
    }

    private static int Refuse(string why)
    {
        Console.Error.WriteLine($"natt-tun: {why}; see natt-tun --help");
        return ExitCode.ConfigurationError;
    }
}
