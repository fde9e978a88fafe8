using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>All other tests run on the best engine this CPU has; these on each of the lower ones.</summary>
public sealed class EngineTests
{
    /// <summary>From the fastest on: what natt-tun calls it, and what it needs of the CPU.</summary>
    private static readonly (string Name, string[] Flags)[] Engines =
    [
        ("AVX-512 kernels", ["avx512f", "avx512bw", "avx512vl", "avx2", "aes", "ssse3"]),
        ("AVX2 kernels", ["avx2", "aes", "ssse3"]),
        ("AES-NI kernels", ["aes", "ssse3"]),
        ("portable engine", []),
    ];

    [NamespaceTheory]
    [InlineData("DOTNET_EnableAVX512=0", "AVX2 kernels")]
    [InlineData("DOTNET_EnableAVX2=0", "AES-NI kernels")]
    [InlineData("DOTNET_EnableAES=0", "portable engine")]
    public void Ping_and_iperf3_pass_where_instructions_are_taken_away(string setting, string engine)
    {
        string expected = BestOf(engine);
        using TunnelPair pair = new TunnelPair().Start("env", setting);
        pair.AssertPings();

        IperfReport report = Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V4, seconds: 2);

        Measured.Print($"{expected} ({setting}): {report.MbitPerSecond:F0} Mbit/s");
        Assert.True(report.MbitPerSecond > 1);
        Assert.Contains($"suite aes-cbc-hmac-sha256: {expected}", pair.A.Process.Log, StringComparison.Ordinal);
        Assert.Contains($"suite aes-cbc-hmac-sha256: {expected}", pair.B.Process.Log, StringComparison.Ordinal);
    }

    /// <summary>The engine, or the next lower one where this CPU does not have it.</summary>
    private static string BestOf(string engine)
    {
        string[] flags = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal))?.Split(' ') ?? [];
        string best = Engines.SkipWhile(one => one.Name != engine).First(one => one.Flags.All(flags.Contains)).Name;
        if (best != engine)
        {
            Measured.Print($"THIS CPU HAS NO {engine}: NOT TESTED, {best} instead");
        }

        return best;
    }
}
