using System.Buffers.Binary;
using System.Security.Cryptography;

namespace NatT.Crypto.Tests;

/// <summary>Seals packets with the platform's own cryptography, which shares no code with any engine of ours.</summary>
internal static class Witness
{
    /// <summary>Header and IV followed by the encrypted plaintext and the truncated HMAC.</summary>
    public static byte[] Seal(TestKeys keys, ReadOnlySpan<byte> headerAndIv, ReadOnlySpan<byte> plaintext, uint? sequenceHigh)
    {
        using var aes = Aes.Create();
        aes.Key = keys.Encryption;
        byte[] ciphertext = aes.EncryptCbc(plaintext, headerAndIv[CipherSuite.HeaderSize..], PaddingMode.None);
        byte[] authenticated = [.. headerAndIv, .. ciphertext];
        return [.. authenticated, .. Authenticate(keys.Authentication, authenticated, sequenceHigh).AsSpan(0, keys.IcvSize)];
    }

    public static byte[] Authenticate(byte[] key, ReadOnlySpan<byte> message, uint? sequenceHigh = null)
    {
        Span<byte> high = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(high, sequenceHigh ?? 0);
        byte[] covered = sequenceHigh is null ? message.ToArray() : [.. message, .. high];
        return HMACSHA256.HashData(key, covered);
    }
}
