using CommandLine;

namespace NatT.Cli.Export;

/// <summary>Arguments of <c>natt-tun export</c>: its operands say what to make, and of which peers.</summary>
internal sealed class ExportOptions : CommandOptions
{
    [Option("conf", Required = true, MetaValue = "FILE", HelpText = "A peer's conf, or a folder with one *.conf a peer. May be repeated.")]
    public IEnumerable<string> Conf { get; init; } = [];

    [Option("end", Default = "far", MetaValue = "far|this", HelpText = "With xfrm: which end's place the kernel takes.")]
    public string End { get; init; } = "far";

    [Option("here", MetaValue = "ADDRESS",
        HelpText = "This end's outer address where the conf has none, or has another than the one that is exported for needs.")]
    public string? Here { get; init; }

    [Option("there", MetaValue = "ADDRESS", HelpText = "The far end's, likewise.")]
    public string? There { get; init; }

    [Option("out", MetaValue = "FILE", HelpText = "Write a file of mode 600 instead of to standard output.")]
    public string? Out { get; init; }

    [Option("force", HelpText = "Overwrite that file.")]
    public bool Force { get; init; }

    public override bool TakesOperands => true;
}
