using NatT.Esp.Associations;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Interchange;

/// <summary>One simplex SA of the kernel, of a kind that natt-tun has too.</summary>
/// <remarks>Owns the keys.</remarks>
internal sealed record XfrmState : IDisposable
{
    /// <summary>Where the text names it first.</summary>
    public required int Line { get; init; }

    public required IpAddress Source { get; init; }

    public required IpAddress Destination { get; init; }

    /// <summary>Else tunnel mode.</summary>
    public required bool IsTransport { get; init; }

    public required uint Spi { get; init; }

    public required uint RequestId { get; init; }

    public required XfrmAlgorithm Algorithm { get; init; }

    public required KeyMaterial EncryptionKey { get; init; }

    /// <summary>Of an AEAD: empty.</summary>
    public required KeyMaterial AuthenticationKey { get; init; }

    public required bool IsExtended { get; init; }

    /// <summary>Packets; 0: none.</summary>
    public required int ReplayWindow { get; init; }

    public required UdpFraming Framing { get; init; }

    public required ushort SourcePort { get; init; }

    public required ushort DestinationPort { get; init; }

    /// <summary>The highest sequence number received; 0: none.</summary>
    public required ulong LastReceived { get; init; }

    /// <summary>The highest one sent; 0: none.</summary>
    public required ulong LastSent { get; init; }

    public void Dispose()
    {
        EncryptionKey.Dispose();
        AuthenticationKey.Dispose();
    }
}
