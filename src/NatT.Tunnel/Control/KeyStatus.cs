using System.Globalization;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Control;

/// <summary>One pair of SAs in a <see cref="PeerStatus"/>; nothing of its keys.</summary>
public sealed record KeyStatus
{
    public const string Current = "current";
    public const string Next = "next";
    public const string Retiring = "retiring";

    /// <summary><see cref="Current"/>, <see cref="Next"/> or <see cref="Retiring"/>.</summary>
    public required string Use { get; init; }

    /// <summary>As the conf writes it.</summary>
    public required string SpiIn { get; init; }

    /// <summary>As the conf writes it.</summary>
    public required string SpiOut { get; init; }

    internal static KeyStatus Of((Peer Pair, KeyUse Use) entry) => new()
    {
        Use = entry.Use switch
        {
            KeyUse.Next => Next,
            KeyUse.Retiring => Retiring,
            _ => Current,
        },
        SpiIn = Spi(entry.Pair.Inbound.Parameters.Spi),
        SpiOut = Spi(entry.Pair.Outbound.Parameters.Spi),
    };

    private static string Spi(uint spi) => string.Create(CultureInfo.InvariantCulture, $"0x{spi:x8}");
}
