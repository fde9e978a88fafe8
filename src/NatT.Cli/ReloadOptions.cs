namespace NatT.Cli;

/// <summary>Arguments of <c>natt-tun reload</c>.</summary>
internal sealed class ReloadOptions : ControlOptions
{
}
