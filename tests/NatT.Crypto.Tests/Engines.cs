using NatT.Crypto.Kernels;

namespace NatT.Crypto.Tests;

/// <summary>Every engine of AES-CBC with HMAC-SHA-256 that this CPU has. What is listed here runs the whole contract.</summary>
public static class Engines
{
    private static readonly Dictionary<string, AesCbcHmacSha256> All =
        Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported).ToDictionary(tier => $"{tier}", AesCbcHmacSha256.Create);

    public static TheoryData<string> Names => [.. All.Keys];

    public static CipherSuite Named(string name) => All[name];

    /// <summary>Engines that the assembly has and the list has not, but for kernels where the CPU has none of their tiers.</summary>
    public static IEnumerable<string> Unlisted =>
        typeof(CipherSuite).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(CipherSuite)) && !type.IsAbstract)
            .Where(type => type != typeof(KernelAesCbcHmacSha256) || KernelTiers.Best != KernelTier.Portable)
            .Select(type => type.Name)
            .Except(All.Values.Select(suite => suite.GetType().Name));
}
