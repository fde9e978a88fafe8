using System.Runtime.InteropServices;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.Kernel.Tests.Guest;

/// <summary>What a machine needs to boot a kernel with ESP of its own.</summary>
internal static class KernelRequirements
{
    public const string Executable = "/usr/bin/linux.uml";

    /// <summary>Why nothing can be tested here against Linux's own ESP, or null.</summary>
    public static string? Missing { get; } = FindMissing();

    /// <summary>In continuous integration a test that cannot run has to fail, so it is not skipped there.</summary>
    public static string? SkipReason { get; } = Environment.GetEnvironmentVariable("CI") is "true" ? null : Missing;

    private static string? FindMissing()
    {
        string? reason = HostRequirements.Missing;
        if (RuntimeInformation.OSArchitecture != Architecture.X64)
        {
            reason = $"Debian's user-mode-linux is for amd64, this is {RuntimeInformation.OSArchitecture}";
        }
        else if (!File.Exists(Executable))
        {
            reason = $"{Executable} is missing: install the package user-mode-linux, as tests/run.sh does";
        }

        return reason is null ? null : $"NOTHING WAS TESTED AGAINST THE KERNEL'S ESP: {reason}";
    }
}
