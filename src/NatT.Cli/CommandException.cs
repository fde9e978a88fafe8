namespace NatT.Cli;

/// <summary>A verb cannot do what it was asked to.</summary>
/// <param name="message">The one line, or lines, to print.</param>
/// <param name="exitCode">What to end with.</param>
internal sealed class CommandException(string message, int exitCode = Cli.ExitCode.MachineProblem) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
