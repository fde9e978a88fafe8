namespace NatT.Cli;

/// <summary>The files by which .NET's runtime lets others of the same user debug, dump or profile this process.</summary>
/// <remarks>The runtime makes them before it runs a line of ours, unless <c>DOTNET_EnableDiagnostics=0</c> is in the environment.</remarks>
internal static class RuntimeDiagnostics
{
    /// <summary>The environment that keeps the runtime of another process from making any.</summary>
    public const string Variable = "DOTNET_EnableDiagnostics";

    /// <summary>Takes them away: without its name nobody finds the socket.</summary>
    public static void Close()
    {
        string folder = Path.GetTempPath();
        foreach (string pattern in new[] { $"dotnet-diagnostic-{Environment.ProcessId}-*", $"clr-debug-pipe-{Environment.ProcessId}-*" })
        {
            try
            {
                foreach (string file in Directory.EnumerateFiles(folder, pattern))
                {
                    File.Delete(file);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // No such folder, or not our files: then the runtime could not make them either.
            }
        }
    }
}
