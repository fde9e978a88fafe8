using Microsoft.Extensions.Logging;
using NatT.Linux;

namespace NatT.Cli;

/// <summary>What a natt-tun denies itself before it reads a key.</summary>
internal static partial class Confinement
{
    /// <summary>For every verb: none of them may leave keys in a file.</summary>
    public static void ForbidDumps()
    {
        try
        {
            CoreDumps.Forbid();
        }
        catch (LinuxException e)
        {
            Console.Error.WriteLine($"natt-tun: warning: {e.Message}");
        }
    }

    /// <summary>For the process that moves packets.</summary>
    /// <returns>Whether the kernel filters its system calls.</returns>
    public static bool Enter(ILogger logger)
    {
        RuntimeDiagnostics.Close();
        NewPrivileges.Renounce();
        string? problem = SystemCallFilter.Install();
        if (problem is not null)
        {
            LogNoFilter(logger, problem);
        }

        return problem is null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "no filter of system calls: {Problem}")]
    private static partial void LogNoFilter(ILogger logger, string problem);
}
