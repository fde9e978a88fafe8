using CommandLine;

namespace NatT.Cli;

/// <summary>Arguments of <c>natt-tun check</c>.</summary>
internal sealed class CheckOptions : CommandOptions
{
    [Option("conf", Required = true, MetaValue = "FILE", HelpText = "A peer's conf, or a folder with one *.conf a peer. May be repeated.")]
    public IEnumerable<string> Conf { get; init; } = [];

    [Option("listen", HelpText = "Then listen for a minute to what the peers send, and say what is wrong with it.")]
    public bool Listen { get; init; }

    [Option("seconds", MetaValue = "N", HelpText = "With --listen: N seconds in place of 60, 1 to 3600.")]
    public int? Seconds { get; init; }
}
