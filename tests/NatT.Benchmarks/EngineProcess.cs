using System.Diagnostics;
using System.Globalization;

namespace NatT.Benchmarks;

/// <summary>A process that measures rounds of one engine; see <see cref="QuickRound"/>.</summary>
internal sealed class EngineProcess : IDisposable
{
    private readonly Process _process;

    public EngineProcess(EngineRow row)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(EngineProcess).Assembly.Location);
        }

        start.ArgumentList.Add(QuickRound.Argument);
        foreach ((string name, string value) in row.Variables)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;

        // The first round is the JIT's.
        MeasureRound();
    }

    /// <summary>The figures of each of <see cref="QuickRound.Cases"/>, one after the other.</summary>
    public double[] MeasureRound()
    {
        _process.StandardInput.WriteLine();
        string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("A round ended without figures.");
        return [.. line.Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
