using System.Diagnostics;

namespace NatT.Fuzz.Engine;

/// <summary>
/// Runs a target on its seeds, then on mutations of whatever showed something new, and keeps what fails. One thread owns it.
/// </summary>
public sealed class FuzzSession
{
    private const int MostKept = 4096;
    private const int MostFindings = 10;
    private const int MostShortenings = 2000;
    private const int TimedAgain = 3;

    private readonly IFuzzTarget _target;
    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly Features _features = new();
    private readonly List<byte[]> _kept = [];
    private readonly Dictionary<string, Finding> _findings = [];
    private Execution? _current;

    /// <param name="target">What to run.</param>
    /// <param name="seed">The same gives the same inputs.</param>
    public FuzzSession(IFuzzTarget target, int seed)
    {
        ArgumentNullException.ThrowIfNull(target);
        _target = target;
        _random = new Random(seed);
        _mutator = new Mutator(target, _random);
    }

    public long Executions { get; private set; }

    /// <summary>Inputs that showed something new.</summary>
    public int Kept => _kept.Count;

    public int FeatureCount => _features.Count;

    public IReadOnlyCollection<Finding> Findings => _findings.Values;

    /// <summary>A run that takes more of the processor's time is a finding; null where time says nothing.</summary>
    public TimeSpan? LongestRun { get; init; }

    /// <summary>The run under way, for whoever watches from another thread.</summary>
    public Execution? Current => Volatile.Read(ref _current);

    /// <summary>Goes on while <paramref name="goesOn"/> says so, seeds always included.</summary>
    public void Run(Func<bool> goesOn)
    {
        ArgumentNullException.ThrowIfNull(goesOn);
        foreach (byte[] seed in _target.Seeds.Concat(StoredSeeds()))
        {
            TryOut(seed);
        }

        if (_kept.Count == 0)
        {
            _kept.Add([]);
        }

        while (_findings.Count < MostFindings && goesOn())
        {
            // What was found last is the least explored.
            int newest = _kept.Count - 1 - _random.Next(Math.Min(_kept.Count, 16));
            byte[] parent = _kept[_random.Next(4) == 0 ? newest : _random.Next(_kept.Count)];
            TryOut(_mutator.Mutate(parent, _kept[_random.Next(_kept.Count)]));
        }
    }

    /// <summary>Runs one input; null where all holds.</summary>
    public Finding? TryOut(byte[] input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _features.HasNew = false;
        if (Fails(input) is not Exception failure)
        {
            Keep(input);
            return null;
        }

        string signature = SignatureOf(failure);
        if (!_findings.TryGetValue(signature, out Finding? finding))
        {
            finding = new Finding(_target.Name, Shortened(input, signature), signature, failure.ToString());
            _findings.Add(signature, finding);
        }

        return finding;
    }

    /// <summary>The files in the target's folder: inputs that once failed, and text to start from.</summary>
    private IEnumerable<byte[]> StoredSeeds()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Seeds", _target.Name);
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
            : [];
    }

    private void Keep(byte[] input)
    {
        if (!_features.HasNew)
        {
            return;
        }

        if (_kept.Count < MostKept)
        {
            _kept.Add(input);
        }
        else
        {
            _kept[_random.Next(_kept.Count)] = input;
        }
    }

    private Exception? Fails(byte[] input)
    {
        Executions++;
        long started = Stopwatch.GetTimestamp();
        Volatile.Write(ref _current, new Execution(input, started));
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            _target.Run(input, _features);
        }
#pragma warning disable CA1031 // Whatever a target throws is a finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
        finally
        {
            Volatile.Write(ref _current, null);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (allocated > _target.MostAllocated(input.Length))
        {
            return new PropertyException($"the run allocated {allocated} octets");
        }

        return Stopwatch.GetElapsedTime(started) > LongestRun && IsSlowAgain(input)
            ? new PropertyException($"the run takes longer than {LongestRun}")
            : null;
    }

    /// <summary>The machine may have been busy; an input that is to blame takes the processor's time, and each time.</summary>
    private bool IsSlowAgain(byte[] input)
    {
        for (int i = 0; i < TimedAgain; i++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            _target.Run(input, _features);
            if (Environment.CpuUsage.TotalTime - before <= LongestRun)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Leaves out what is not needed for the same failure, in ever smaller runs.</summary>
    private byte[] Shortened(byte[] input, string signature)
    {
        int tries = 0;
        for (int run = Math.Max(1, input.Length / 2); run >= 1; run /= 2)
        {
            for (int at = 0; at < input.Length && tries < MostShortenings; tries++)
            {
                byte[] shorter = [.. input[..at], .. input[Math.Min(input.Length, at + run)..]];
                if (Fails(shorter) is Exception failure && SignatureOf(failure) == signature)
                {
                    input = shorter;
                }
                else
                {
                    at += run;
                }
            }
        }

        return input;
    }

    /// <summary>The exception without its numbers, and where it was thrown unless that is in its message.</summary>
    private static string SignatureOf(Exception failure)
    {
        string message = string.Concat(failure.Message.Where(c => !char.IsAsciiDigit(c)));
        string place = failure is PropertyException
            ? ""
            : failure.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("NatT.", StringComparison.Ordinal))?.Trim() ?? "";
        return $"{failure.GetType().Name}: {message[..Math.Min(message.Length, 100)]} {place}";
    }
}
