using System.Diagnostics;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>Runs a program to its end, bounded in time.</summary>
internal static class Command
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(15);

    public static CommandResult Run(params string[] command) => Run(DefaultLimit, command);

    public static CommandResult Run(TimeSpan limit, params string[] command)
    {
        using Process process = Start(command);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            Assert.Fail($"{string.Join(' ', command)}: still running after {limit.TotalSeconds} s\n{output.Result}{error.Result}");
        }

        return new CommandResult(string.Join(' ', command), process.ExitCode, output.Result, error.Result);
    }

    public static Process Start(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}
