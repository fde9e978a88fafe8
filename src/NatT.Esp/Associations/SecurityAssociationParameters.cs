using NatT.Crypto;

namespace NatT.Esp.Associations;

/// <summary>What sender and receiver of a simplex SA have agreed on (RFC 4301 §4.4.2.1).</summary>
/// <param name="Spi">256 or above.</param>
/// <param name="Key">Expanded keys; the SA that gets these parameters owns and disposes it.</param>
/// <param name="IsExtended">64-bit sequence numbers.</param>
public sealed record SecurityAssociationParameters(uint Spi, CipherKey Key, bool IsExtended)
{
    /// <summary>Null: tunnel mode.</summary>
    public TransportMode? Transport { get; init; }

    /// <summary>Octets of IP header that packets travel without: none in tunnel mode.</summary>
    public int OmittedHeaderSize => Transport?.HeaderSize ?? 0;

    /// <exception cref="ArgumentException">Transport mode.</exception>
    internal void RequireTunnelMode()
    {
        if (Transport is not null)
        {
            throw new ArgumentException("In transport mode packets travel without their IP headers, for which there is no room here.");
        }
    }

    /// <summary>Plaintext is padded to this many octets.</summary>
    public int Alignment => AlignmentOf(Key.Suite);

    /// <summary>Octets of a packet before its ciphertext: SPI, sequence number, IV.</summary>
    public int BodyStart => CipherSuite.HeaderSize + Key.Suite.IvSize;

    /// <summary>A whole number of blocks, and of 4-octet words (RFC 4303 §2.4).</summary>
    public static int AlignmentOf(CipherSuite suite) => Math.Max(4, suite.BlockSize);

    /// <summary>Octets of the sealed form of <paramref name="bodyLength"/> octets, SPI to ICV.</summary>
    public int SealedLength(int bodyLength) =>
        Key.Suite.Overhead(Key.IcvSize) + Wire.EspTrailer.PaddedLength(bodyLength, Alignment);
}
