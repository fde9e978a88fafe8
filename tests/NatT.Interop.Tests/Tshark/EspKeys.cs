using NatT.EndToEnd.Tests.Lab;

namespace NatT.Interop.Tests.Tshark;

/// <summary>One line of tshark's <c>esp_sa</c> table.</summary>
/// <param name="Spi">As a conf has it.</param>
/// <param name="Encryption">0x and hexadecimal.</param>
/// <param name="Authentication">0x and hexadecimal; null: an AEAD's key, with its salt, is all there is.</param>
/// <param name="Cipher">As tshark calls it.</param>
/// <param name="Algorithm">What checks the ICV, as tshark calls it.</param>
internal sealed record EspKeys(string Spi, string Encryption, string? Authentication, string Cipher, string Algorithm)
{
    private const string ChaCha = "ChaCha20 with Poly1305 [RFC7634]";

    /// <summary>Not for the tshark of Debian 12.</summary>
    public bool NeedsNewerTshark => Cipher == ChaCha;

    /// <summary>What the peer sends with.</summary>
    public static EspKeys OutboundOf(TestPeer peer)
    {
        PeerConfText conf = peer.Conf;
        return new EspKeys(
            conf["spi_out"] ?? conf["spi_id"]!,
            conf["enc_out"] ?? conf["enc_aes"]!,
            conf["auth_out"] ?? conf["auth_sha256"],
            CipherOf(conf),
            AlgorithmOf(conf));
    }

    public override string ToString() => $"""
        "IPv4","*","*","{Spi}","{Cipher}","{Encryption}","{Algorithm}","{Authentication}"
        """;

    private static string CipherOf(PeerConfText conf) => conf["suite"] switch
    {
        "aes-gcm-16" => "AES-GCM with 16 octet ICV [RFC4106]",
        "chacha20-poly1305" => ChaCha,
        _ => "AES-CBC [RFC3602]",
    };

    private static string AlgorithmOf(PeerConfText conf) => conf["suite"] switch
    {
        "aes-cbc-hmac-sha1" => "HMAC-SHA-1-96 [RFC2404]",
        "aes-cbc-hmac-sha384" => "HMAC-SHA-384-192 [RFC4868]",
        "aes-cbc-hmac-sha512" => "HMAC-SHA-512-256 [RFC4868]",
        "aes-gcm-16" or "chacha20-poly1305" => "NULL",
        null or "aes-cbc-hmac-sha256" => conf["icv_bits"] == "96"
            ? "HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]"
            : "HMAC-SHA-256-128 [RFC4868]",
        string other => throw new NotSupportedException($"tshark has no {other}."),
    };
}
