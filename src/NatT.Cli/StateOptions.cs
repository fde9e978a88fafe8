using CommandLine;

namespace NatT.Cli;

/// <summary>Arguments of <c>natt-tun state</c>: its operand says what to do.</summary>
internal sealed class StateOptions : CommandOptions
{
    [Option("conf", Required = true, MetaValue = "FILE", HelpText = "A peer's conf, or a folder with one *.conf a peer. May be repeated.")]
    public IEnumerable<string> Conf { get; init; } = [];

    public override bool TakesOperands => true;
}
