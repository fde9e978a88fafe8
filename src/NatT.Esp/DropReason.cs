namespace NatT.Esp;

/// <summary>Why a packet went no further. Every reason has a counter, a test that produces it, and a row in the README.</summary>
public enum DropReason
{
    /// <summary>It was not dropped.</summary>
    None,

    // Arriving datagrams that we never saw: the kernel counts them.

    /// <summary>The socket's receive queue had no room, or the UDP checksum was wrong.</summary>
    SocketQueueFull,

    // Arriving datagrams, before any key is used.

    /// <summary>Fewer octets than the shortest ESP packet of its SA, or than an SPI.</summary>
    TooShort,

    /// <summary>A zero SPI word followed by something else: IKE on the ESP port (RFC 3948 §2.2).</summary>
    Ike,

    /// <summary>An SPI of 1 to 255, which nobody may use (RFC 4303 §2.1).</summary>
    ReservedSpi,

    /// <summary>No SA has this SPI.</summary>
    UnknownSpi,

    /// <summary>The ciphertext is no whole number of cipher blocks.</summary>
    Misaligned,

    // Arriving ESP packets, once opened.

    /// <summary>The ICV is wrong: forged, damaged, or sealed under other keys.</summary>
    IcvMismatch,

    /// <summary>Authentic, but its number lies below the replay window.</summary>
    TooOld,

    /// <summary>Authentic, but its number was seen before.</summary>
    Replayed,

    /// <summary>Authentic, but numbered 0, which no sender uses (RFC 4303 §3.3.3).</summary>
    SequenceZero,

    /// <summary>Authentic, but the SA does not know yet which numbers are fresh; a probe is under way.</summary>
    Unsynchronised,

    /// <summary>The padding is not 1, 2, 3, … or longer than the packet.</summary>
    BadPadding,

    /// <summary>A next header other than dummy and, in tunnel mode, IPv4 and IPv6, in transport mode an upper layer's.</summary>
    UnexpectedNextHeader,

    /// <summary>A dummy packet (next header 59): authentic and meant to be discarded (RFC 4303 §2.6).</summary>
    Dummy,

    /// <summary>The inner packet's header is damaged, lies about its length, or is of another IP version than announced.</summary>
    MalformedInner,

    /// <summary>The inner packet comes from or goes to an address no packet may have on a network.</summary>
    Martian,

    /// <summary>The inner packet claims to come from one of our own addresses: a reflection.</summary>
    OwnSource,

    /// <summary>The inner packet's addresses are not those this SA may carry.</summary>
    SelectorMismatch,

    /// <summary>Congestion was marked on the outer packet, but the inner one cannot carry the mark (RFC 6040 §4.2).</summary>
    EcnNotCapable,

    /// <summary>The TUN device refused the packet.</summary>
    DeviceRefused,

    // Leaving packets that we never saw: the kernel counts them.

    /// <summary>The TUN device's queue had no room.</summary>
    DeviceQueueFull,

    // Leaving packets.

    /// <summary>What the TUN device gave is no valid IP packet.</summary>
    NotIp,

    /// <summary>No peer's selectors match.</summary>
    NoPeer,

    /// <summary>The peer's address is not known yet.</summary>
    NoEndpoint,

    /// <summary>Transport mode carries whole packets only (RFC 4303 §3.3.4).</summary>
    FragmentInTransportMode,

    /// <summary>IPv4 options, IPv6 extension headers or IP in IP, which the receiver of a packet without its header would not have.</summary>
    NotForTransportMode,

    /// <summary>Longer than the path to the peer carries; IPv6, or IPv4 with DF. Its sender was told, up to so many times a second.</summary>
    AboveMtu,

    /// <summary>The sealed packet would not fit a UDP datagram.</summary>
    TooLong,

    /// <summary>All sequence numbers, or all blocks that one key may encrypt, are used up; the SA needs new keys.</summary>
    SequenceExhausted,

    /// <summary>No sequence number is durably reserved, so none may be used: the state directory cannot be written.</summary>
    SequenceNotReserved,

    /// <summary>The kernel refused to send the datagram.</summary>
    SendRefused,
}
