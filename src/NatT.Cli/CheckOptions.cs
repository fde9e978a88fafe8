using CommandLine;

namespace NatT.Cli;

/// <summary>Arguments of <c>natt-tun check</c>.</summary>
internal sealed class CheckOptions : CommandOptions
{
    [Option("conf", Required = true, MetaValue = "FILE", HelpText = "A peer's conf, or a folder with one *.conf a peer. May be repeated.")]
    public IEnumerable<string> Conf { get; init; } = [];
}
