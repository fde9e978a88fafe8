using CommandLine;

namespace NatT.Cli;

/// <summary>What the arguments of every verb, and of none, have in common.</summary>
internal abstract class CommandOptions
{
    /// <summary>Arguments without an option before them: there is no use for any.</summary>
    [Value(0, Hidden = true)]
    public IEnumerable<string> Stray { get; init; } = [];
}
