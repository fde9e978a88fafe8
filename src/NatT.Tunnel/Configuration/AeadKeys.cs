using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Configuration;

/// <summary>Tells whether keys are one and the same, be their salts what they may.</summary>
/// <remarks>Different salts keep nonces apart, but not the blocks that one key may encrypt; and nobody needs such keys.</remarks>
internal static class AeadKeys
{
    public static bool AreEqual(KeyMaterial first, KeyMaterial second) => Digest(first) == Digest(second);

    /// <summary>The same for the same key, whatever its salt; tells nothing of the key.</summary>
    public static AssociationFingerprint Digest(KeyMaterial keyAndSalt) => DigestOf(keyAndSalt.Octets[..^AeadSuite.SaltSize]);

    /// <summary>The same as <see cref="Digest"/> for a key without salt.</summary>
    public static AssociationFingerprint DigestWithoutSalt(KeyMaterial key) => DigestOf(key.Octets);

    private static AssociationFingerprint DigestOf(ReadOnlySpan<byte> octets)
    {
        using var key = new KeyMaterial(octets);
        using var none = new KeyMaterial([]);
        return AssociationFingerprint.Compute(spi: 0, AssociationDirection.Outbound, key, none);
    }
}
