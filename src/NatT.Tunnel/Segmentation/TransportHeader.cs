namespace NatT.Tunnel.Segmentation;

/// <summary>Where the fields of TCP (RFC 9293 §3.1) and UDP (RFC 768) that change or must agree are.</summary>
/// <remarks>
/// <code>
/// TCP  +-------------------------------+-------------------------------+
///    0 |          Source Port          |       Destination Port        |
///    4 |                        Sequence Number                        |
///    8 |                    Acknowledgment Number                      |
///   12 | Offset| Rsrvd |C|E|U|A|P|R|S|F|            Window             |
///   16 |           Checksum            |         Urgent Pointer        |
///   20 |                           [Options]                           |
///      +---------------------------------------------------------------+
/// UDP  +-------------------------------+-------------------------------+
///    0 |          Source Port          |       Destination Port        |
///    4 |            Length             |           Checksum            |
///      +-------------------------------+-------------------------------+
/// </code>
/// </remarks>
internal static class TransportHeader
{
    public const int TcpSize = 20;
    public const int TcpSequence = 4;
    public const int TcpAcknowledgement = 8;
    public const int TcpDataOffset = 12;
    public const int TcpFlags = 13;
    public const int TcpWindow = 14;
    public const int TcpChecksum = 16;
    public const int TcpUrgentPointer = 18;

    public const byte FlagFin = 0x01;
    public const byte FlagPsh = 0x08;
    public const byte FlagAck = 0x10;
    public const byte FlagCwr = 0x80;

    public const int PortsSize = 4;

    public const int UdpSize = 8;
    public const int UdpLength = 4;
    public const int UdpChecksum = 6;

    public static int ChecksumOffset(bool isTcp) => isTcp ? TcpChecksum : UdpChecksum;
}
