namespace NatT.Cli;

/// <summary>Arguments of <c>natt-tun probe</c>.</summary>
internal sealed class ProbeOptions : ControlOptions;
