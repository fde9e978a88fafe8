using CommandLine;
using NatT.Tunnel.Configuration;

namespace NatT.Cli;

/// <summary>Arguments of <c>natt-tun keygen</c>.</summary>
internal sealed class KeygenOptions : CommandOptions
{
    [Option("out", Default = ".", MetaValue = "DIR", HelpText = "Where the confs go; made where it is missing.")]
    public string Out { get; init; } = ".";

    [Option("names", Default = "here,there", MetaValue = "A,B", HelpText = "What the two ends are called, and the confs: A.conf, B.conf.")]
    public string Names { get; init; } = "";

    [Option("here", MetaValue = "HOST", HelpText = "A's outer address or DNS name, for B. Without it B waits for A.")]
    public string Here { get; init; } = "";

    [Option("there", MetaValue = "HOST", HelpText = "B's outer address or DNS name, for A. Without it A waits for B.")]
    public string There { get; init; } = "";

    [Option("inner-here", MetaValue = "LIST",
        HelpText = "(Default: 10.77.0.1, fd77::1) A's addresses and networks inside the tunnel; with --mode transport 10.77.0.1.")]
    public string? InnerHere { get; init; }

    [Option("inner-there", MetaValue = "LIST",
        HelpText = "(Default: 10.77.0.2, fd77::2) B's addresses and networks inside the tunnel; with --mode transport 10.77.0.2.")]
    public string? InnerThere { get; init; }

    [Option("port", Default = "1100", MetaValue = "PORT", HelpText = "The UDP port that both listen on.")]
    public string Port { get; init; } = "";

    [Option("suite", Default = ConfPair.DefaultSuite, MetaValue = "NAME",
        HelpText = "The cipher suite, see below.")]
    public string Suite { get; init; } = "";

    [Option("mode", Default = ConfPair.DefaultMode, MetaValue = "MODE",
        HelpText = "tunnel, or transport: from one address to one.")]
    public string Mode { get; init; } = "";

    [Option("state-dir", MetaValue = "DIR",
        HelpText = "A's state_dir, named in A.conf, instead of /var/lib/natt-tun.")]
    public string? StateDirectory { get; init; }

    [Option("next", MetaValue = "FILE", HelpText = "Add next keys to this conf of a tunnel that runs, and write the other end's to FILE's .next.")]
    public string? Next { get; init; }

    [Option("promote", MetaValue = "FILE", HelpText = "Make this conf's next keys its only ones, once they are in use.")]
    public string? Promote { get; init; }

    [Option("force", HelpText = "Overwrite A.conf and B.conf. The keys in them are lost.")]
    public bool Force { get; init; }
}
