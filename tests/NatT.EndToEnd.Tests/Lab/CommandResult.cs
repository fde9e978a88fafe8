namespace NatT.EndToEnd.Tests.Lab;

/// <summary>What a finished command left: its exit code and all it wrote.</summary>
internal sealed record CommandResult(string Command, int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>Returns the output; fails the test where the command failed.</summary>
    public string OutputOrFail()
    {
        Assert.True(Succeeded, $"{Command}: exit code {ExitCode}\n{Output}{Error}");
        return Output;
    }
}
