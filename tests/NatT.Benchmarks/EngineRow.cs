using NatT.Crypto.Kernels;

namespace NatT.Benchmarks;

/// <summary>
/// An engine of a suite to measure, and the environment under which it is the one chosen: forcing a tier would keep the JIT's
/// newer instructions.
/// </summary>
internal sealed record EngineRow(string Suite, string Name, KernelTier? Tier, IReadOnlyDictionary<string, string> Variables)
{
    /// <summary>Names the suite to measure.</summary>
    public const string SuiteVariable = "NATT_BENCHMARK_SUITE";

    /// <summary>Set where the platform's own cryptography is to be measured.</summary>
    public const string PlatformVariable = "NATT_BENCHMARK_PLATFORM";

    private static readonly EngineRow[] All = [.. SuiteContestant.Suites.Keys.SelectMany(suite => new[]
    {
        Create(suite, "AVX-512", KernelTier.Avx512),
        Create(suite, "AVX2", KernelTier.Avx2, ("DOTNET_EnableAVX512", "0")),
        Create(suite, "128-bit", KernelTier.Aes, ("DOTNET_EnableAVX2", "0")),
        Create(suite, "Bouncy Castle", KernelTier.Portable, ("DOTNET_EnableHWIntrinsic", "0")),
        Create(suite, "platform", tier: null, (PlatformVariable, "1")),
    })];

    public static IReadOnlyList<EngineRow> OfThisCpu { get; } = [.. All.Where(row => row.Tier is not KernelTier tier || KernelTiers.IsSupported(tier))];

    public static IReadOnlyList<EngineRow> Missing { get; } = [.. All.Except(OfThisCpu)];

    private static EngineRow Create(string suite, string name, KernelTier? tier, params (string Name, string Value)[] variables) =>
        new(suite, name, tier, variables.Append((Name: SuiteVariable, Value: suite)).ToDictionary(one => one.Name, one => one.Value));
}
