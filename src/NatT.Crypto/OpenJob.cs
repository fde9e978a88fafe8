namespace NatT.Crypto;

/// <summary>One packet to open in place, and whether it was authentic.</summary>
public record struct OpenJob
{
    public required CipherKey Key { get; init; }

    /// <summary>The packet's first octet (its SPI) in the buffer.</summary>
    public required int Offset { get; init; }

    /// <summary>The whole packet, SPI to ICV, in octets.</summary>
    public required int Length { get; init; }

    /// <summary>The sequence number's high half as the receiver infers it (RFC 4303 §2.2.1); null without ESN.</summary>
    public uint? SequenceHigh { get; init; }

    /// <summary>Set by <see cref="CipherSuite.Open"/>: the ICV was right and the ciphertext is now plaintext.</summary>
    public bool IsAuthentic { get; set; }
}
