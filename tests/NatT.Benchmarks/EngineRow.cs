using NatT.Crypto.Kernels;

namespace NatT.Benchmarks;

/// <summary>An engine to measure, and the environment under which it is the one chosen: forcing a tier would keep the JIT's newer instructions.</summary>
internal sealed record EngineRow(string Name, KernelTier? Tier, IReadOnlyDictionary<string, string> Variables)
{
    /// <summary>Set where the platform's own cryptography is to be measured.</summary>
    public const string PlatformVariable = "NATT_BENCHMARK_PLATFORM";

    private static readonly EngineRow[] All =
    [
        new("AVX-512", KernelTier.Avx512, new Dictionary<string, string>()),
        new("AVX2", KernelTier.Avx2, new Dictionary<string, string> { ["DOTNET_EnableAVX512"] = "0" }),
        new("AES-NI", KernelTier.Aes, new Dictionary<string, string> { ["DOTNET_EnableAVX2"] = "0" }),
        new("Bouncy Castle", KernelTier.Portable, new Dictionary<string, string> { ["DOTNET_EnableAES"] = "0" }),
        new("platform", null, new Dictionary<string, string> { [PlatformVariable] = "1" }),
    ];

    public static IReadOnlyList<EngineRow> OfThisCpu { get; } = [.. All.Where(row => row.Tier is not KernelTier tier || KernelTiers.IsSupported(tier))];

    public static IReadOnlyList<EngineRow> Missing { get; } = [.. All.Except(OfThisCpu)];
}
