using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Wire;

namespace NatT.Tunnel.DataPath;

/// <summary>The largest inner packet whose sealed form fits an outer path unfragmented, and how it was found.</summary>
/// <param name="OuterMtu">Octets of the largest outer IP packet.</param>
/// <param name="IsIPv6">Whether the outer IP header is IPv6.</param>
/// <param name="MarkerSize">Octets before the SPI: 8 where the non-IKE framing is or may be used, else 0.</param>
/// <param name="Suite">What seals the packets.</param>
/// <param name="IcvSize">Octets.</param>
public sealed record InnerMtu(int OuterMtu, bool IsIPv6, int MarkerSize, CipherSuite Suite, int IcvSize)
{
    /// <summary>Octets at an inner packet's start that are not sealed: in transport mode its IP header.</summary>
    public int OmittedHeaderSize { get; init; }

    /// <summary>Below this IPv6 does not run over a link (RFC 8200 §5).</summary>
    public const int SmallestForIPv6 = 1280;

    private const int UdpHeaderSize = 8;

    private int OuterHeaderSize => IsIPv6 ? 40 : 20;

    private int Alignment => SecurityAssociationParameters.AlignmentOf(Suite);

    private int Ciphertext
    {
        get
        {
            int room = OuterMtu - OuterHeaderSize - UdpHeaderSize - MarkerSize - Suite.Overhead(IcvSize);
            return room - (room % Alignment);
        }
    }

    /// <summary>Octets.</summary>
    public int Value => Ciphertext - EspTrailer.Size + OmittedHeaderSize;

    /// <summary>The arithmetic, for <c>--verbose</c>.</summary>
    public override string ToString() =>
        $"{OuterMtu} outer - {OuterHeaderSize} {(IsIPv6 ? "IPv6" : "IPv4")} - {UdpHeaderSize} UDP - {MarkerSize} non-IKE marker"
        + $" - {EspHeader.Size} ESP - {Suite.IvSize} IV - {IcvSize} ICV, down to whole blocks of {Alignment} = {Ciphertext},"
        + $" - {EspTrailer.Size} trailer{(OmittedHeaderSize == 0 ? "" : $", + {OmittedHeaderSize} header that is not sent")} = {Value}";
}
