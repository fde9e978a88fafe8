using CommandLine;

namespace NatT.Cli;

/// <summary>Arguments of <c>natt-tun status</c>.</summary>
internal sealed class StatusOptions : ControlOptions
{
    [Option("json", HelpText = "Everything, for programs.")]
    public bool Json { get; init; }

    [Option("watch", HelpText = "Again every second, until Ctrl-C.")]
    public bool Watch { get; init; }
}
