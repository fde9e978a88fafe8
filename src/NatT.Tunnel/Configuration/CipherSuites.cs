using System.Collections.Immutable;
using NatT.Crypto;

namespace NatT.Tunnel.Configuration;

/// <summary>The suites that a conf may name, each on the fastest engine of this CPU. They have no state, so one of each does.</summary>
public static class CipherSuites
{
    /// <summary>The one of a conf that names none.</summary>
    public static CipherSuite Default { get; } = AesCbcHmacSha256.Create();

    public static ImmutableArray<CipherSuite> All { get; } =
    [
        Default, AesGcm16.Create(), ChaCha20Poly1305.Create(),
        AesCbcHmac.Create(HmacHash.Sha1), AesCbcHmac.Create(HmacHash.Sha384), AesCbcHmac.Create(HmacHash.Sha512),
    ];

    /// <summary>The suite of that name, or null.</summary>
    public static CipherSuite? Find(string? name) => All.FirstOrDefault(suite => suite.Name == name);
}
