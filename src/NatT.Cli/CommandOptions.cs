using CommandLine;

namespace NatT.Cli;

/// <summary>What the arguments of every verb, and of none, have in common.</summary>
internal abstract class CommandOptions
{
    /// <summary>Arguments without an option before them.</summary>
    [Value(0, Hidden = true)]
    public IEnumerable<string> Operands { get; init; } = [];

    /// <summary>Whether there is a use for any.</summary>
    public virtual bool TakesOperands => false;
}
