namespace NatT.Benchmarks;

/// <summary>Octets of ciphertext of the packets in a batch.</summary>
public enum PacketSizes
{
    /// <summary>1408 each: what a TCP stream fills tunnel packets with.</summary>
    Full,

    /// <summary>64, 576 and 1408 in the proportion 7 : 4 : 1, in random order.</summary>
    Mixed,

    /// <summary>64 each: what acknowledges a TCP stream.</summary>
    Small,
}
