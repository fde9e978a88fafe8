using System.Buffers.Binary;
using System.Security.Cryptography;

namespace NatT.Crypto.Tests;

/// <summary>Seals packets with the platform's own cryptography, which shares no code with any engine of ours.</summary>
internal static class Witness
{
    /// <summary>Header and IV followed by the encrypted plaintext and the ICV, as any engine of the suite must seal them.</summary>
    public static byte[] Seal(
        CipherSuite suite, TestKeys keys, ReadOnlySpan<byte> headerAndIv, ReadOnlySpan<byte> plaintext, uint? sequenceHigh)
    {
        byte[] ciphertext = new byte[plaintext.Length];
        byte[] icv = new byte[keys.IcvSize];
        ReadOnlySpan<byte> header = headerAndIv[..CipherSuite.HeaderSize];
        ReadOnlySpan<byte> iv = headerAndIv[CipherSuite.HeaderSize..];
        byte[] high = HighHalf(sequenceHigh);
        switch (suite)
        {
            case AesCbcHmac hmac:
                using (var aes = Aes.Create())
                {
                    aes.Key = keys.Encryption;
                    aes.EncryptCbc(plaintext, iv, ciphertext, PaddingMode.None);
                }

                Authenticate(hmac.Hash, keys.Authentication, [.. headerAndIv, .. ciphertext, .. high]).AsSpan(0, icv.Length).CopyTo(icv);
                break;
            case AesGcm16:
                using (var gcm = new AesGcm(keys.Cipher, icv.Length))
                {
                    gcm.Encrypt([.. keys.Salt, .. iv], plaintext, ciphertext, icv, [.. header[..4], .. high, .. header[4..]]);
                }

                break;
            case ChaCha20Poly1305:
                using (var chaCha = new System.Security.Cryptography.ChaCha20Poly1305(keys.Cipher))
                {
                    chaCha.Encrypt([.. keys.Salt, .. iv], plaintext, ciphertext, icv, [.. header[..4], .. high, .. header[4..]]);
                }

                break;
            default:
                throw new NotSupportedException($"{suite.Name} has no witness.");
        }

        return [.. headerAndIv, .. ciphertext, .. icv];
    }

    public static byte[] Authenticate(HmacHash hash, byte[] key, ReadOnlySpan<byte> message)
    {
        var name = new HashAlgorithmName(hash.Name.ToUpperInvariant());
        using var hmac = IncrementalHash.CreateHMAC(name, key);
        hmac.AppendData(message);
        return hmac.GetHashAndReset();
    }

    private static byte[] HighHalf(uint? sequenceHigh)
    {
        byte[] octets = new byte[sequenceHigh is null ? 0 : sizeof(uint)];
        if (sequenceHigh is uint high)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets, high);
        }

        return octets;
    }
}
