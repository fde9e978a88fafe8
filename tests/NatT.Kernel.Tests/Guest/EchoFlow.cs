using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.Kernel.Tests.Guest;

/// <summary>Numbered datagrams, each of which must come back, from construction until it is ended; see <c>flow.py</c>.</summary>
internal sealed class EchoFlow
{
    private readonly Func<string[], CommandResult> _run;
    private readonly string _stop;
    private readonly Task<CommandResult> _running;

    /// <param name="run">Runs a command where the source address is.</param>
    /// <param name="stop">A file there that is not there yet.</param>
    public EchoFlow(Func<string[], CommandResult> run, string source, string destination, string stop)
    {
        _run = run;
        _stop = stop;
        _running = Task.Run(() => run([.. Words("ask"), source, destination, stop]));
    }

    /// <summary>What sends back what came; says <c>ready</c>.</summary>
    public static string[] Answerer(string address) => [.. Words("answer"), address];

    /// <summary>Waits until something came back.</summary>
    public void AwaitBegin() =>
        _run(["timeout", "120", "sh", "-c", $"until [ -e {_stop}.begun ]; do sleep 0.05; done"]).OutputOrFail();

    /// <summary>Stops asking, and waits for the last answers.</summary>
    public (int Sent, int Lost) End()
    {
        _run(["touch", _stop]).OutputOrFail();
        using var report = JsonDocument.Parse(_running.GetAwaiter().GetResult().OutputOrFail());
        return (report.RootElement.GetProperty("sent").GetInt32(), report.RootElement.GetProperty("lost").GetArrayLength());
    }

    private static string[] Words(string verb) => ["/usr/bin/python3", Path.Combine(AppContext.BaseDirectory, "Guest", "flow.py"), verb];
}
