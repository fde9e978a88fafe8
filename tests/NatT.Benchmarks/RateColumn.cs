using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace NatT.Benchmarks;

/// <summary>GB of plaintext a second on one core, from the median.</summary>
internal sealed class RateColumn : IColumn
{
    public string Id => nameof(RateColumn);

    public string ColumnName => "GB/s a core";

    public string Legend => "Plaintext on one core, from the median (1 GB = 10⁹ octets)";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        double? nanoseconds = summary[benchmarkCase]?.ResultStatistics?.Median;
        var traffic = new Traffic(
            (PacketSizes)benchmarkCase.Parameters[nameof(KernelBenchmarks.Sizes)], (int)benchmarkCase.Parameters[nameof(KernelBenchmarks.BatchSize)]);
        return nanoseconds is double median ? (traffic.BodyOctets / median).ToString("0.00", CultureInfo.InvariantCulture) : "-";
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public bool IsAvailable(Summary summary) => true;
}
