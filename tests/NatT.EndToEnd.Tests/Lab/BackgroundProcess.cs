using System.Diagnostics;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>A program that runs beside the test; its lines are kept with the time they came at.</summary>
internal sealed class BackgroundProcess : IDisposable
{
    private readonly string _name;
    private readonly Process _process;
    private readonly List<(string Text, long Timestamp)> _lines = [];
    private int _openStreams = 2;

    public BackgroundProcess(string name, params string[] command)
    {
        _name = name;
        _process = Command.Start(command);
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Log
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines.Select(line => line.Text));
            }
        }
    }

    /// <summary>What it said after so many lines.</summary>
    public string[] LinesAfter(int count)
    {
        lock (_lines)
        {
            return [.. _lines.Skip(count).Select(line => line.Text)];
        }
    }

    /// <summary>Waits for a line that contains <paramref name="text"/> and returns the <see cref="Stopwatch"/> timestamp it came at.</summary>
    public long WaitForLine(string text, TimeSpan limit)
    {
        long? timestamp = null;
        lock (_lines)
        {
            Wait.While(_lines, limit, () => (timestamp = TimestampOf(text)) is null && _openStreams > 0);
        }

        Assert.True(timestamp is not null, $"{_name} did not say '{text}' within {limit.TotalSeconds} s, but:\n{Log}");
        return timestamp.Value;
    }

    public bool Says(string text)
    {
        lock (_lines)
        {
            return TimestampOf(text) is not null;
        }
    }

    public void Signal(string signal) => Command.Run("/bin/kill", $"-{signal}", $"{Id}").OutputOrFail();

    public int WaitForExit(TimeSpan limit)
    {
        Assert.True(_process.WaitForExit(limit), $"{_name} was still running {limit.TotalSeconds} s later; it had said:\n{Log}");
        lock (_lines)
        {
            Wait.While(_lines, limit, () => _openStreams > 0);
        }

        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private long? TimestampOf(string text)
    {
        int index = _lines.FindIndex(line => line.Text.Contains(text, StringComparison.Ordinal));
        return index < 0 ? null : _lines[index].Timestamp;
    }

    private void Keep(string? text)
    {
        lock (_lines)
        {
            if (text is null)
            {
                _openStreams--;
            }
            else
            {
                _lines.Add((text, Stopwatch.GetTimestamp()));
            }

            Monitor.PulseAll(_lines);
        }
    }
}
