using NatT.EndToEnd.Tests.Lab;

namespace NatT.Kernel.Tests.Matrix;

/// <summary>One way of protecting packets, in the words of a conf and in those of <c>ip xfrm</c>.</summary>
/// <param name="Name">For the test's name.</param>
/// <param name="Suite">As the conf has it.</param>
/// <param name="KeyOctets">Of the cipher; an AEAD's with its salt.</param>
/// <param name="AuthenticationOctets">Of the HMAC key; 0 where the cipher authenticates.</param>
/// <param name="IcvBits">96 to 256; the conf says it for HMAC-SHA-256 alone.</param>
/// <param name="KernelWords">For <c>ip xfrm state</c>: {0} is the cipher's key, {1} the HMAC's.</param>
internal sealed record KernelAlgorithm(
    string Name, string Suite, int KeyOctets, int AuthenticationOctets, int IcvBits, string KernelWords)
{
    private const int SaltOctets = 4;

    /// <summary>The short ICV as the scripts ask for it, the long one as RFC 4868 has it; HMAC keys below, at and above a block's length.</summary>
    public static IReadOnlyList<KernelAlgorithm> All { get; } =
    [
        OfCbc(16, "sha256", 16, 96),
        OfCbc(24, "sha256", 20, 96),
        OfCbc(32, "sha256", 64, 96),
        OfCbc(16, "sha256", 32, 128),
        OfCbc(24, "sha256", 16, 128),
        OfCbc(32, "sha256", 32, 128),
        OfCbc(16, "sha1", 20, 96),
        OfCbc(24, "sha1", 16, 96),
        OfCbc(32, "sha1", 64, 96),
        OfCbc(16, "sha384", 48, 192),
        OfCbc(24, "sha384", 32, 192),
        OfCbc(32, "sha384", 128, 192),
        OfCbc(16, "sha512", 64, 256),
        OfCbc(24, "sha512", 32, 256),
        OfCbc(32, "sha512", 128, 256),
        OfGcm(16),
        OfGcm(24),
        OfGcm(32),
        new("ChaCha20-Poly1305", "chacha20-poly1305", 32 + SaltOctets, 0, 128, "aead rfc7539esp(chacha20,poly1305) {0} 128"),
    ];

    /// <summary>One of each suite and ICV; which AES key it has is nothing to lengths and rates.</summary>
    public static IEnumerable<KernelAlgorithm> Suites => All.DistinctBy(algorithm => (algorithm.Suite, algorithm.IcvBits));

    /// <summary>Fresh keys for one direction: the values of enc_* and auth_*, of which the latter may be null.</summary>
    public (string Encryption, string? Authentication) DrawKeys() =>
        (TunnelPair.RandomKey(KeyOctets), AuthenticationOctets == 0 ? null : TunnelPair.RandomKey(AuthenticationOctets));

    public string StateWords((string Encryption, string? Authentication) keys) =>
        KernelWords.Replace("{0}", keys.Encryption, StringComparison.Ordinal).Replace("{1}", keys.Authentication, StringComparison.Ordinal);

    public override string ToString() => Name;

    private static KernelAlgorithm OfCbc(int keyOctets, string hash, int authenticationOctets, int icvBits) => new(
        $"AES-{8 * keyOctets}-CBC HMAC-SHA-{hash[3..]}-{icvBits}",
        $"aes-cbc-hmac-{hash}",
        keyOctets,
        authenticationOctets,
        icvBits,
        hash == "sha256" && icvBits == 96
            ? "enc aes {0} auth sha256 {1}"
            : $"enc cbc(aes) {{0}} auth-trunc hmac({hash}) {{1}} {icvBits}");

    private static KernelAlgorithm OfGcm(int keyOctets) => new(
        $"AES-{8 * keyOctets}-GCM-16", "aes-gcm-16", keyOctets + SaltOctets, 0, 128, "aead rfc4106(gcm(aes)) {0} 128");
}
