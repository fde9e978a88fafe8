using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using NatT.Fuzz.Engine;

namespace NatT.Fuzz;

/// <summary><c>tests/fuzz.sh</c>: one target after the other, and a line of figures for each.</summary>
internal sealed class FuzzCommand(TextWriter output)
{
    /// <summary>No input is worth so long; a run that takes it never ends.</summary>
    private static readonly TimeSpan Hung = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(2);

    public int Run(string[] args)
    {
        if (FuzzOptions.Parse(args) is not FuzzOptions options)
        {
            output.WriteLine(FuzzOptions.Usage);
            return args is ["--help"] or ["-h"] ? 0 : 2;
        }

        if (options.Replay is string file)
        {
            return Replay(FuzzTargets.Create(options.Targets[0]), File.ReadAllBytes(file));
        }

        int findings = 0;
        foreach (string name in options.Targets)
        {
            findings += name == ReplayWindowModel.Name ? RunModel(options) : Fuzz(FuzzTargets.Create(name), options);
        }

        output.WriteLine($"{findings} findings");
        return findings == 0 ? 0 : 1;
    }

    private int Replay(IFuzzTarget target, byte[] input)
    {
        Finding? finding = new FuzzSession(target, seed: 0) { LongestRun = LongestRun }.TryOut(input);
        output.WriteLine(finding is null ? "all holds" : finding.Text);
        return finding is null ? 0 : 1;
    }

    private int Fuzz(IFuzzTarget target, FuzzOptions options)
    {
        var session = new FuzzSession(target, options.Seed) { LongestRun = LongestRun };
        var watch = Stopwatch.StartNew();
        using var watchdog = new Timer(_ => EndIfHung(target, session), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        session.Run(() => watch.Elapsed.TotalMinutes < options.Minutes);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{target.Name}: {session.Executions} executions in {watch.Elapsed.TotalMinutes:F1} minutes, "
            + $"{session.FeatureCount} features, {session.Kept} inputs kept, {session.Findings.Count} findings"));
        foreach (Finding finding in session.Findings)
        {
            Tell(finding.Target, finding.Input, finding.Text);
        }

        return session.Findings.Count;
    }

    private int RunModel(FuzzOptions options)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            string figures = ReplayWindowModel.Run(options.Steps, options.Seed);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{ReplayWindowModel.Name}: {options.Steps} steps in {watch.Elapsed.TotalMinutes:F1} minutes ({figures}), 0 findings"));
            return 0;
        }
        catch (PropertyException e)
        {
            output.WriteLine($"{ReplayWindowModel.Name}: {e.Message}");
            output.WriteLine($"tests/fuzz.sh --target {ReplayWindowModel.Name} --seed {options.Seed}");
            return 1;
        }
    }

    private void EndIfHung(IFuzzTarget target, FuzzSession session)
    {
        if (session.Current is Execution(byte[] input, long startedAt) && Stopwatch.GetElapsedTime(startedAt) > Hung)
        {
            Tell(target.Name, input, $"the run did not end within {Hung}");
            Environment.Exit(1);
        }
    }

    /// <summary>Keeps the input, and says how to run it again.</summary>
    private void Tell(string target, byte[] input, string text)
    {
        string folder = Path.Combine("tests", "NatT.Fuzz", "found", target);
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..16]);
        File.WriteAllBytes(file, input);
        output.WriteLine(text);
        output.WriteLine($"tests/fuzz.sh --target {target} --replay {file}");
    }
}
