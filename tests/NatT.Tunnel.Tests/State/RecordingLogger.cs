using Microsoft.Extensions.Logging;

namespace NatT.Tunnel.Tests.State;

/// <summary>Keeps every line for the assertions.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly Lock _lock = new();
    private readonly List<(LogLevel Level, string Line)> _lines = [];

    public IReadOnlyList<string> Lines(LogLevel level)
    {
        lock (_lock)
        {
            return [.. _lines.Where(line => line.Level == level).Select(line => line.Line)];
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lock)
        {
            _lines.Add((logLevel, formatter(state, exception)));
        }
    }
}
