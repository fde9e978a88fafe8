using Microsoft.Extensions.Logging;

namespace NatT.Cli;

/// <summary>One line an event on standard error: supervisord, systemd and a terminal all know what to do with that.</summary>
internal sealed class StderrLogger(bool verbose) : ILogger
{
    private readonly Lock _gate = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= (verbose ? LogLevel.Debug : LogLevel.Information);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        string severity = logLevel switch
        {
            LogLevel.Warning => "warning: ",
            LogLevel.Error or LogLevel.Critical => "error: ",
            _ => "",
        };
        lock (_gate)
        {
            Console.Error.WriteLine($"natt-tun: {severity}{formatter(state, exception)}");
        }
    }
}
