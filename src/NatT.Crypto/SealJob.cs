namespace NatT.Crypto;

/// <summary>One packet to seal: where its body comes from and where the finished packet lies.</summary>
public readonly record struct SealJob
{
    public required CipherKey Key { get; init; }

    /// <summary>The inner packet's first octet in the source.</summary>
    public required int BodyOffset { get; init; }

    /// <summary>Octets of ciphertext whose plaintext comes from the source; the rest (padding, trailer) is in the destination.</summary>
    public required int BodyLength { get; init; }

    /// <summary>The packet's first octet (its SPI) in the destination.</summary>
    public required int Offset { get; init; }

    /// <summary>The whole packet, SPI to ICV, in octets.</summary>
    public required int Length { get; init; }

    /// <summary>The sequence number's high half, authenticated but not sent (RFC 4303 §2.2.1); null without ESN.</summary>
    public uint? SequenceHigh { get; init; }
}
