namespace NatT.Cli;

/// <summary>Arguments of <c>natt-tun stop</c>.</summary>
internal sealed class StopOptions : ControlOptions;
