using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Interchange;

/// <summary>A suite and a length of ICV, in the kernel's names.</summary>
/// <param name="Suite">As a conf names it.</param>
/// <param name="IcvBits">Of every packet.</param>
/// <param name="Cipher">The kernel's, of an AEAD the whole.</param>
/// <param name="Hash">Null: an AEAD.</param>
internal sealed record XfrmAlgorithm(string Suite, int IcvBits, string Cipher, string? Hash)
{
    public const string AesCbc = "cbc(aes)";

    /// <summary>As lines of complaint name them.</summary>
    public const string Known = "enc cbc(aes) with auth hmac(sha1), hmac(sha256), hmac(sha384) or hmac(sha512); "
        + "aead rfc4106(gcm(aes)) or rfc7539esp(chacha20,poly1305)";

    /// <summary>The first of a hash is what the kernel truncates to where it is not told.</summary>
    private static readonly XfrmAlgorithm[] All =
    [
        new("aes-cbc-hmac-sha256", 96, AesCbc, "hmac(sha256)"),
        new("aes-cbc-hmac-sha256", 128, AesCbc, "hmac(sha256)"),
        new("aes-cbc-hmac-sha1", 96, AesCbc, "hmac(sha1)"),
        new("aes-cbc-hmac-sha384", 192, AesCbc, "hmac(sha384)"),
        new("aes-cbc-hmac-sha512", 256, AesCbc, "hmac(sha512)"),
        new("aes-gcm-16", 128, "rfc4106(gcm(aes))", null),
        new("chacha20-poly1305", 128, "rfc7539esp(chacha20,poly1305)", null),
    ];

    public bool IsAead => Hash is null;

    public static XfrmAlgorithm Of(PeerConf conf) => All.First(known => known.Suite == conf.Suite.Name && known.IcvBits == conf.IcvBits);

    /// <summary>A length of null is the kernel's own; what comes back may have another where the hash has no such length.</summary>
    public static XfrmAlgorithm? FindHash(string name, int? icvBits)
    {
        string full = name is "sha1" or "sha256" or "sha384" or "sha512" ? $"hmac({name})" : name;
        XfrmAlgorithm[] ofHash = [.. All.Where(known => known.Hash == full)];
        return icvBits is null
            ? ofHash.FirstOrDefault()
            : ofHash.FirstOrDefault(known => known.IcvBits == icvBits) ?? ofHash.LastOrDefault();
    }

    public static XfrmAlgorithm? FindAead(string name) => All.FirstOrDefault(known => known.IsAead && known.Cipher == name);
}
