using System.Globalization;
using NatT.Crypto;
using NatT.Crypto.Kernels;

namespace NatT.Benchmarks.Timing;

/// <summary><c>--timing</c>: whether the time an engine takes to refuse a forged packet tells where its ICV is wrong.</summary>
internal static class TimingTable
{
    /// <returns>Whether no engine tells, and the comparison that tells on purpose was found out.</returns>
    public static bool Print()
    {
        Console.WriteLine("Refusing a forged packet: Welch's t between the times by where the ICV is wrong (first octet, last octet, all)");
        Console.WriteLine($"below {WelchTest.Threshold:0.0}: these samples show no difference\n");
        bool isControlFound = Print("control: up to the first octet that differs", IcvTiming.MeasureLeaky(AesCbcHmacSha256.Create())) is false;
        bool isConstant = true;
        foreach (CipherSuite suite in Engines())
        {
            isConstant &= Print($"{suite.Name} on {suite.Engine}", IcvTiming.Measure(suite));
        }

        Console.WriteLine(isControlFound ? string.Empty : "\nthe control was not found out: this machine is too noisy for the test");
        return isConstant && isControlFound;
    }

    private static bool Print(string name, double t)
    {
        bool isConstant = Math.Abs(t) < WelchTest.Threshold;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-72}{t,8:0.0}  {(isConstant ? "tells nothing" : "TELLS")}"));
        return isConstant;
    }

    private static IEnumerable<CipherSuite> Engines()
    {
        KernelTier[] vectors = [.. Enum.GetValues<KernelTier>().Where(KernelTiers.HasVectors)];
        KernelTier[] aes = [.. vectors.Where(KernelTiers.IsSupported)];
        return
        [
            .. aes.Select(AesCbcHmacSha256.Create),
            .. new[] { HmacHash.Sha1, HmacHash.Sha384, HmacHash.Sha512 }
                .SelectMany(hash => new[] { KernelTiers.Best, KernelTier.Portable }.Distinct().Select(tier => AesCbcHmac.Create(hash, tier))),
            .. aes.Select(AesGcm16.Create),
            .. vectors.Select(ChaCha20Poly1305.Create),
        ];
    }
}
