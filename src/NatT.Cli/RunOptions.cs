using CommandLine;

namespace NatT.Cli;

/// <summary>Arguments of <c>natt-tun --conf F</c>.</summary>
internal sealed class RunOptions : CommandOptions
{
    [Option("conf", Required = true, MetaValue = "FILE", HelpText = "A peer's conf, or a folder with one *.conf a peer. May be repeated.")]
    public IEnumerable<string> Conf { get; init; } = [];

    [Option("verbose", HelpText = "Also say how the MTU was found, when windows start and framings are pinned.")]
    public bool Verbose { get; init; }
}
