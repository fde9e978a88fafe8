namespace NatT.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The machine, not the conf, is what has to change.</summary>
    public const int MachineProblem = 1;

    public const int ConfigurationError = 2;
}
