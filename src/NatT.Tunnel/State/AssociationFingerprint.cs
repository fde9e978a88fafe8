using System.Buffers.Binary;
using System.Security.Cryptography;
using NatT.Esp.Associations;
using Org.BouncyCastle.Crypto.Digests;

namespace NatT.Tunnel.State;

/// <summary>
/// What state is keyed by: 128 bits of SHA-256 over keys, SPI and direction, so that a renamed or copied conf finds the
/// counter of its keys again and new keys start afresh.
/// </summary>
public readonly record struct AssociationFingerprint(UInt128 Value)
{
    /// <summary>Octets in a file.</summary>
    public const int Size = 16;

    private const int DigestSize = 32;

    public static AssociationFingerprint Compute(
        uint spi, AssociationDirection direction, KeyMaterial encryption, KeyMaterial authentication)
    {
        ArgumentNullException.ThrowIfNull(encryption);
        ArgumentNullException.ThrowIfNull(authentication);

        // Each key goes in behind its length, or octets could move from one key to the other unseen.
        ReadOnlySpan<byte> domain = "natt-tun association"u8;
        int length = domain.Length + sizeof(byte) + sizeof(uint) + sizeof(int) + encryption.Length + sizeof(int) + authentication.Length;
        byte[] message = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        byte[] digest = new byte[DigestSize];
        try
        {
            Span<byte> rest = message;
            domain.CopyTo(rest);
            rest = rest[domain.Length..];
            rest[0] = (byte)direction;
            BinaryPrimitives.WriteUInt32BigEndian(rest[1..], spi);
            rest = AppendKey(rest[(sizeof(byte) + sizeof(uint))..], encryption);
            AppendKey(rest, authentication);

            // DoFinal resets the digest, and with that clears the block it held.
            var sha256 = new Sha256Digest();
            sha256.BlockUpdate(message, 0, message.Length);
            sha256.DoFinal(digest, 0);
            return new AssociationFingerprint(BinaryPrimitives.ReadUInt128BigEndian(digest));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message);
            CryptographicOperations.ZeroMemory(digest);
        }
    }

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);

    private static Span<byte> AppendKey(Span<byte> destination, KeyMaterial key)
    {
        BinaryPrimitives.WriteInt32BigEndian(destination, key.Length);
        key.Octets.CopyTo(destination[sizeof(int)..]);
        return destination[(sizeof(int) + key.Length)..];
    }
}
