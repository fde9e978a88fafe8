using CommandLine;

namespace NatT.Cli;

/// <summary>Arguments of <c>natt-tun --conf F</c>.</summary>
internal sealed class RunOptions
{
    [Option("conf", Required = true, MetaValue = "FILE", HelpText = "A peer's conf, or a folder with one *.conf a peer. May be repeated.")]
    public IEnumerable<string> Conf { get; init; } = [];

    /// <summary>Arguments without an option before them: there is no use for any.</summary>
    [Value(0, Hidden = true)]
    public IEnumerable<string> Stray { get; init; } = [];

    [Option("verbose", HelpText = "Also say how the MTU was found, when windows start and framings are pinned.")]
    public bool Verbose { get; init; }
}
