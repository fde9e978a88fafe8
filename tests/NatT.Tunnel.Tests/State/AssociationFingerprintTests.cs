using System.Security.Cryptography;
using NatT.Esp.Associations;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Tests.State;

public sealed class AssociationFingerprintTests
{
    [Fact]
    public void Same_keys_spi_and_direction_give_the_same_fingerprint()
    {
        Assert.Equal(Compute(), Compute());
    }

    [Fact]
    public void Every_input_changes_the_fingerprint()
    {
        AssociationFingerprint[] fingerprints =
        [
            Compute(),
            Compute(spi: 0xC0666A71),
            Compute(direction: AssociationDirection.Outbound),
            Compute(encryption: "0123456789abcdeF"),
            Compute(authentication: "another secret"),
            Compute(encryption: "a secret", authentication: "0123456789abcdef"),
            Compute(authentication: ""),
        ];

        Assert.Equal(fingerprints.Length, fingerprints.Distinct().Count());
    }

    [Fact]
    public void Octets_moved_from_one_key_to_the_other_change_the_fingerprint()
    {
        Assert.NotEqual(Compute(encryption: "abc", authentication: "d"), Compute(encryption: "ab", authentication: "cd"));
    }

    [Fact]
    public void Fingerprint_is_the_first_half_of_sha256_over_the_inputs_behind_their_lengths()
    {
        byte[] message = [.. "natt-tun association"u8, 2, 0xC0, 0x66, 0x6A, 0x70, 0, 0, 0, 2, .. "ab"u8, 0, 0, 0, 3, .. "cde"u8];

        string expected = Convert.ToHexStringLower(SHA256.HashData(message))[..32];

        Assert.Equal(expected, Compute(encryption: "ab", authentication: "cde").ToString());
    }

    private static AssociationFingerprint Compute(
        uint spi = 0xC0666A70,
        AssociationDirection direction = AssociationDirection.Inbound,
        string encryption = "0123456789abcdef",
        string authentication = "a secret")
    {
        using var encryptionKey = new KeyMaterial(System.Text.Encoding.ASCII.GetBytes(encryption));
        using var authenticationKey = new KeyMaterial(System.Text.Encoding.ASCII.GetBytes(authentication));
        return AssociationFingerprint.Compute(spi, direction, encryptionKey, authenticationKey);
    }
}
