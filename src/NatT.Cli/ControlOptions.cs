using CommandLine;

namespace NatT.Cli;

/// <summary>Which running natt-tun a verb is for.</summary>
internal abstract class ControlOptions : CommandOptions
{
    [Option("tun", MetaValue = "NAME", SetName = "tun", HelpText = "The one with this TUN device. Needed only where several run in this network namespace.")]
    public string? Tun { get; init; }

    [Option("conf", MetaValue = "FILE", SetName = "conf", HelpText = "The one that was started with this conf or folder of confs.")]
    public IEnumerable<string> Conf { get; init; } = [];
}
