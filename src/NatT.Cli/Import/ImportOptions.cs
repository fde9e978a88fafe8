using CommandLine;

namespace NatT.Cli.Import;

/// <summary>Arguments of <c>natt-tun import</c>: its operand says what to read.</summary>
internal sealed class ImportOptions : CommandOptions
{
    [Option("out", Default = ".", MetaValue = "DIR", HelpText = "Where the confs go; made where it is missing.")]
    public string Out { get; init; } = ".";

    [Option("state-dir", MetaValue = "DIR", HelpText = "Their state_dir, named in them, instead of /var/lib/natt-tun.")]
    public string? StateDirectory { get; init; }

    [Option("inner-here", MetaValue = "ADDRESS",
        HelpText = "For states in transport mode: this end's address inside, which natt-tun puts on its device.")]
    public string? InnerHere { get; init; }

    [Option("inner-there", MetaValue = "ADDRESS",
        HelpText = "For states in transport mode: by which address this end is to reach the far end.")]
    public string? InnerThere { get; init; }

    [Option("force", HelpText = "Overwrite confs of the same names. The keys in them are lost.")]
    public bool Force { get; init; }

    public override bool TakesOperands => true;
}
