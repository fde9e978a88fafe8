using NatT.EndToEnd.Tests.Lab;

namespace NatT.Interop.Tests.Tshark;

/// <summary>A tshark that knows ChaCha20-Poly1305, as it does from 4.6 on; <c>tests/shell/tshark.sh</c> fetches one.</summary>
internal static class NewerTshark
{
    /// <summary>As tests/run.sh names it; empty: it has found none.</summary>
    private static readonly string? Found = Environment.GetEnvironmentVariable("NATT_TSHARK");

    /// <summary>Fails the test where there is none.</summary>
    public static string Executable => Missing is null ? Found! : throw new InvalidOperationException(Missing);

    /// <summary>In continuous integration a test that cannot run has to fail, so it is not skipped there.</summary>
    public static string? SkipReason { get; } =
        HostRequirements.Missing ?? (Environment.GetEnvironmentVariable("CI") is "true" ? null : Missing);

    private static string? Missing => string.IsNullOrEmpty(Found)
        ? "NO TSHARK HAS DECRYPTED ChaCha20-Poly1305: this machine's does not know it, and tests/run.sh has fetched no newer one"
        : null;
}
