namespace NatT.Interop.Tests.Tshark;

/// <summary>One frame of the tunnel as tshark reads it.</summary>
internal sealed record TunnelFrame
{
    public required int Number { get; init; }

    /// <summary>The outer source address.</summary>
    public required string Sender { get; init; }

    public required uint Spi { get; init; }

    public required uint SequenceNumber { get; init; }

    /// <summary>Hexadecimal.</summary>
    public required string Iv { get; init; }

    /// <summary>Whether tshark computed the ICV and found it right.</summary>
    public required bool IsAuthentic { get; init; }

    /// <summary>Hexadecimal.</summary>
    public required string Padding { get; init; }

    public required int PadLength { get; init; }

    public required int NextHeader { get; init; }

    /// <summary>From the link to the innermost, as <c>sll:ethertype:ip:udp:udpencap:esp:ip:icmp:data</c>.</summary>
    public required string Protocols { get; init; }

    /// <summary>Differentiated services field or traffic class: outer, inner.</summary>
    public required IReadOnlyList<string> TrafficClasses { get; init; }

    public required bool HasDontFragment { get; init; }

    public required bool IsFragment { get; init; }

    /// <summary>Of the outer IPv4 header and of UDP, where tshark verified them.</summary>
    public required bool HasValidChecksums { get; init; }

    public required bool HasUdpChecksum { get; init; }

    /// <summary>ICMP payload or what else no protocol claims, hexadecimal.</summary>
    public required string Payload { get; init; }

    /// <summary>Octets of inner TCP payload.</summary>
    public required int TcpLength { get; init; }

    public override string ToString() => $"frame {Number} from {Sender}: SPI {Spi:x8}, number {SequenceNumber}, {Protocols}";
}
