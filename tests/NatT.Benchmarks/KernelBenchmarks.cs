using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;

namespace NatT.Benchmarks;

/// <summary>Sealing and opening by tier and batch size, each tier under the settings that choose it, in a process of its own.</summary>
[Config(typeof(Tiers))]
public class KernelBenchmarks
{
    private Traffic _traffic = null!;
    private IContestant _contestant = null!;

    [Params(1, 4, 8, 16, 64, 128)]
    public int BatchSize { get; set; }

    [Params(PacketSizes.Full, PacketSizes.Mixed, PacketSizes.Small)]
    public PacketSizes Sizes { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _traffic = new Traffic(Sizes, BatchSize);
        _contestant = QuickRound.Create(_traffic);
        _contestant.Seal();
        _traffic.Remember();

        // One call an iteration is too few for the JIT to come to its second tier by itself.
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1))
        {
            _contestant.Seal();
            _contestant.Open();
        }
    }

    [GlobalCleanup]
    public void Clean() => _contestant.Dispose();

    [Benchmark]
    public void Seal() => _contestant.Seal();

    /// <summary>Opening consumes what was sealed, so it is brought back before each run, and each run is one call.</summary>
    [IterationSetup(Target = nameof(Open))]
    public void Restore() => _traffic.Restore();

    [Benchmark]
    public void Open() => _contestant.Open();

    private sealed class Tiers : ManualConfig
    {
        public Tiers()
        {
            foreach (EngineRow row in EngineRow.OfThisCpu)
            {
                Job job = Job.Default.WithId($"{row.Suite} {row.Name}").WithStrategy(RunStrategy.Throughput).WithWarmupCount(5).WithIterationCount(50);
                AddJob(row.Variables.Aggregate(job, (one, variable) =>
                    one.WithEnvironmentVariable(new EnvironmentVariable(variable.Key, variable.Value))));
            }

            AddDiagnoser(MemoryDiagnoser.Default);
            AddColumn(new RateColumn());
            HideColumns("EnvironmentVariables");
            WithOptions(ConfigOptions.JoinSummary);
            WithArtifactsPath(Path.Combine("artifacts", "benchmarks"));
        }
    }
}
