using NatT.Crypto.Kernels;
using NatT.Crypto.Kernels.Arm64;

namespace NatT.Crypto.Tests;

/// <summary>
/// Every engine of every suite that this CPU has, and Arm64's kernels on a model of their instructions wherever it is. What is
/// listed here runs the whole contract.
/// </summary>
public static class Engines
{
    private static readonly HmacHash[] Hashes = [HmacHash.Sha1, HmacHash.Sha256, HmacHash.Sha384, HmacHash.Sha512];

    /// <summary>Arm64's kernels on any CPU.</summary>
    internal static readonly AesCbcHmacSha256 Arm64OnModel =
        new KernelAesCbcHmacSha256<ArmAes<ArmCryptoModel>, ArmHmacSha256<ArmCryptoModel>>("Arm64 kernels on a model", default);

    private static readonly Dictionary<string, CipherSuite> All =
        Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported)
            .SelectMany(tier => Hashes.Select(hash => AesCbcHmac.Create(hash, tier)).Append<CipherSuite>(AesGcm16.Create(tier)))
            .Concat(Enum.GetValues<KernelTier>().Where(KernelTiers.HasVectors).Select(ChaCha20Poly1305.Create))
            .Append(Arm64OnModel)
            .DistinctBy(suite => (suite.Name, suite.Engine))
            .OrderBy(suite => suite.Name, StringComparer.Ordinal)
            .ToDictionary(suite => $"{suite.Name}, {suite.Engine}");

    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>Engines that the assembly has and the list has not, but for kernels where the CPU has none of their tiers.</summary>
    public static IEnumerable<string> Unlisted =>
        typeof(CipherSuite).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(CipherSuite)) && !type.IsAbstract)
            .Where(type => !IsKernel(type) || KernelTiers.Best != KernelTier.Portable)
            .Select(type => type.Name)
            .Except(All.Values.Select(suite => suite.GetType().Name));

    public static CipherSuite Named(string name) => All[name];

    /// <summary>The engines of one suite.</summary>
    public static IEnumerable<TSuite> Of<TSuite>()
        where TSuite : CipherSuite => All.Values.OfType<TSuite>();

    /// <summary>The engines of AES-CBC with HMAC of one hash.</summary>
    public static IEnumerable<AesCbcHmac> Of(HmacHash hash) => Of<AesCbcHmac>().Where(suite => suite.Hash == hash);

    /// <summary>The engines that are kernels of ours.</summary>
    public static IEnumerable<CipherSuite> Kernels() => All.Values.Where(suite => IsKernel(suite.GetType()));

    private static bool IsKernel(Type suite) => suite.Namespace == typeof(KernelTiers).Namespace;
}
