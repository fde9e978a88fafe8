using NatT.Esp;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Diagnosis;

/// <summary>A datagram that went no further, and what the data path knew of it. Valid as long as its octets.</summary>
public readonly ref struct DatagramEvidence
{
    /// <summary>All of it; where <see cref="IsOpened"/>, its ciphertext is plaintext by now.</summary>
    public required ReadOnlySpan<byte> Octets { get; init; }

    /// <summary>Why it was dropped; <see cref="DropReason.None"/> where only its framing is odd.</summary>
    public required DropReason Reason { get; init; }

    /// <summary>Its ICV was right.</summary>
    public required bool IsOpened { get; init; }

    public required OuterEndpoint Source { get; init; }
}
