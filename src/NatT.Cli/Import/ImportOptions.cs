using CommandLine;

namespace NatT.Cli.Import;

/// <summary>Arguments of <c>natt-tun import</c>: its operand says what to read.</summary>
internal sealed class ImportOptions : CommandOptions
{
    [Option("out", Default = ".", MetaValue = "DIR", HelpText = "Where the confs go; made where it is missing.")]
    public string Out { get; init; } = ".";

    [Option("state-dir", MetaValue = "DIR", HelpText = "Their state_dir, named in them, instead of /var/lib/natt-tun.")]
    public string? StateDirectory { get; init; }

    [Option("force", HelpText = "Overwrite confs of the same names. The keys in them are lost.")]
    public bool Force { get; init; }

    public override bool TakesOperands => true;
}
