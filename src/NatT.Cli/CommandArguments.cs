using System.Reflection;
using CommandLine;
using CommandLine.Text;

namespace NatT.Cli;

/// <summary>Makes options of a command's arguments, or says in one line why they are none.</summary>
internal static class CommandArguments
{
    public static async Task<int> RunAsync<TOptions>(CommandHelp help, string[] arguments, Func<TOptions, Task<int>> executeAsync)
        where TOptions : CommandOptions
    {
        if (FindWithoutValue<TOptions>(arguments) is string option)
        {
            return Refuse(help.Command, $"{option} needs a value");
        }

        if (FindRepeated<TOptions>(arguments) is string repeated)
        {
            return Refuse(help.Command, $"{repeated} is given twice");
        }

        using var parser = new Parser(settings =>
        {
            settings.HelpWriter = null;
            settings.AutoVersion = true;
            settings.AllowMultiInstance = true;
        });
        ParserResult<TOptions> parsed = parser.ParseArguments<TOptions>(arguments);
        return await parsed.MapResult(
            options => !options.TakesOperands && options.Operands.FirstOrDefault() is string stray
                ? Task.FromResult(Refuse(help.Command, $"nobody knows what {stray} is for{help.StrayHint}"))
                : executeAsync(options),
            errors => Task.FromResult(ExplainUsage(help, parsed, [.. errors]))).ConfigureAwait(false);
    }

    /// <summary>One line for wrong arguments.</summary>
    public static int Refuse(string command, string why)
    {
        Console.Error.WriteLine($"{command}: {why}; see {command} --help");
        return ExitCode.ConfigurationError;
    }

    /// <summary>The parser takes an option that has lost its value for one that was not given.</summary>
    private static string? FindWithoutValue<TOptions>(string[] arguments)
    {
        string[] options = [.. OptionsOf<TOptions>(type => type != typeof(bool))];
        return arguments.Where((argument, i) => options.Contains(argument) && !IsValue(arguments.ElementAtOrDefault(i + 1))).FirstOrDefault();

        static bool IsValue(string? argument) => argument?.StartsWith("--", StringComparison.Ordinal) == false;
    }

    /// <summary>The parser would take the last, and nobody would notice.</summary>
    private static string? FindRepeated<TOptions>(string[] arguments)
    {
        string[] single = [.. OptionsOf<TOptions>(type => type != typeof(IEnumerable<string>))];
        return single.FirstOrDefault(option => arguments.Count(argument => argument == option || argument.StartsWith(option + "=", StringComparison.Ordinal)) > 1);
    }

    private static IEnumerable<string> OptionsOf<TOptions>(Predicate<Type> isWanted) =>
        typeof(TOptions).GetProperties()
            .Where(property => isWanted(property.PropertyType))
            .Select(property => property.GetCustomAttribute<OptionAttribute>())
            .OfType<OptionAttribute>()
            .Select(option => $"--{option.LongName}");

    private static int ExplainUsage<TOptions>(CommandHelp help, ParserResult<TOptions> parsed, IReadOnlyList<Error> errors)
    {
        if (errors.IsVersion())
        {
            Console.Out.WriteLine(HelpText.AutoBuild(parsed));
            return ExitCode.Success;
        }

        if (errors.IsHelp())
        {
            Console.Out.WriteLine(Help.Build(help, parsed));
            return ExitCode.Success;
        }

        // The first error is the cause; what else the parser finds is often its consequence.
        return Refuse(help.Command, Help.Explain(errors[0]));
    }
}
