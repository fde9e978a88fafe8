namespace NatT.EndToEnd.Tests.Lab;

/// <summary>A running natt-tun.</summary>
internal sealed class NattTunProcess : IDisposable
{
    public static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly BackgroundProcess _process;

    public NattTunProcess(NetworkNamespace ns, params string[] command)
    {
        _process = new BackgroundProcess($"natt-tun in {ns.Name}", ns.Inside(command));
    }

    /// <summary>What <c>NATT_TUN</c> names, else what the Release build left in this repository.</summary>
    public static string Executable { get; } = Environment.GetEnvironmentVariable("NATT_TUN") ?? FindBuilt();

    public string Log => _process.Log;

    public bool IsRunning => !_process.HasExited;

    public int Id => _process.Id;

    public string MemoryMap => File.ReadAllText($"/proc/{_process.Id}/maps");

    /// <summary>Waits for the line; returns the timestamp it came at.</summary>
    public long WaitForLine(string text) => _process.WaitForLine(text, StartLimit);

    public long WaitForLine(string text, TimeSpan limit) => _process.WaitForLine(text, limit);

    public bool Says(string text) => _process.Says(text);

    /// <summary>A clean stop by SIGTERM or another signal; fails the test unless it ends with exit code 0 in time.</summary>
    public void Stop(string signal = "TERM")
    {
        _process.Signal(signal);
        int exitCode = _process.WaitForExit(StopLimit);
        Assert.True(exitCode == 0, $"natt-tun ended with exit code {exitCode} after SIG{signal}:\n{Log}");
    }

    /// <summary>Sends it a signal and waits for nothing.</summary>
    public void Signal(string name) => _process.Signal(name);

    /// <summary>As a crash or a power cut ends it.</summary>
    public void Kill()
    {
        _process.Signal("KILL");
        _process.WaitForExit(StopLimit);
    }

    /// <summary>Waits for it to end by itself.</summary>
    public int WaitForExit() => _process.WaitForExit(StartLimit);

    public void Dispose() => _process.Dispose();

    private static string FindBuilt()
    {
        const string BuiltFile = "src/NatT.Cli/bin/Release/net10.0/natt-tun";
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, BuiltFile)))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? throw new FileNotFoundException($"{BuiltFile} is not built"), BuiltFile);
    }
}
