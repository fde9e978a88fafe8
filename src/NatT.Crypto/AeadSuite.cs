using System.Buffers.Binary;

namespace NatT.Crypto;

/// <summary>A suite whose cipher authenticates too, with a nonce of 4 secret octets, the salt, and the packet's 8 octets of IV.</summary>
/// <remarks>
/// The IV must never repeat under one key: whoever writes it answers for that. Header and, with ESN, the sequence number's high
/// half are the additional authenticated data: SPI, high half, low half (RFC 4106 §5, RFC 7634 §2.1).
/// </remarks>
public abstract class AeadSuite : CipherSuite
{
    /// <summary>Octets of salt, the last of the key as a user writes it (RFC 4106 §8.1, RFC 7634 §2).</summary>
    public const int SaltSize = 4;

    /// <summary>Octets of ICV: the whole of what the cipher computes.</summary>
    public const int IcvSize = 16;

    /// <summary>Octets of salt and IV.</summary>
    public const int NonceSize = SaltSize + ExplicitIvSize;

    /// <summary>Additional authenticated data with ESN, in octets; without, it is the header.</summary>
    public const int LongestAssociatedData = HeaderSize + sizeof(uint);

    private const int ExplicitIvSize = 8;

    /// <inheritdoc/>
    public sealed override int IvSize => ExplicitIvSize;

    /// <inheritdoc/>
    public sealed override int BlockSize => 1;

    /// <inheritdoc/>
    public sealed override IReadOnlyList<int> IcvSizes { get; } = [IcvSize];

    /// <summary>Lengths of key the cipher has, in octets, without salt.</summary>
    public abstract IReadOnlyList<int> KeySizes { get; }

    /// <inheritdoc/>
    /// <param name="encryption">The cipher's key, then <see cref="SaltSize"/> octets of salt.</param>
    /// <param name="authentication">Empty.</param>
    /// <param name="icvSize"><see cref="IcvSize"/>.</param>
    public sealed override CipherKey CreateKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize)
    {
        int size = encryption.Length - SaltSize;
        if (!KeySizes.Contains(size))
        {
            string sizes = string.Join(" or ", KeySizes.Select(s => s + SaltSize));
            throw new ArgumentException($"A key of {Name} has {sizes} octets with its salt, not {encryption.Length}.", nameof(encryption));
        }

        if (!authentication.IsEmpty)
        {
            throw new ArgumentException($"{Name} authenticates with the cipher's key.", nameof(authentication));
        }

        if (icvSize != IcvSize)
        {
            throw new ArgumentOutOfRangeException(nameof(icvSize), icvSize, $"An ICV of {Name} has {IcvSize} octets.");
        }

        return ExpandKey(encryption[..size], encryption[size..]);
    }

    /// <summary>Writes what is authenticated besides the ciphertext: the header, the high half of the sequence number within it.</summary>
    /// <returns>Octets written.</returns>
    internal static int WriteAssociatedData(Span<byte> destination, ReadOnlySpan<byte> header, uint? sequenceHigh)
    {
        const int SpiSize = sizeof(uint);
        if (sequenceHigh is not uint high)
        {
            header.CopyTo(destination);
            return HeaderSize;
        }

        header[..SpiSize].CopyTo(destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[SpiSize..], high);
        header[SpiSize..].CopyTo(destination[(SpiSize + sizeof(uint))..]);
        return LongestAssociatedData;
    }

    protected sealed override CipherKey CreateKeyForWarmUp() => CreateKey(new byte[KeySizes[^1] + SaltSize], [], IcvSize);

    /// <summary>Expands a key of a length that was checked.</summary>
    protected abstract CipherKey ExpandKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt);
}
