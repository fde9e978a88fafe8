namespace NatT.Esp;

/// <summary>What every drop reason tells an operator, in a sentence.</summary>
public static class DropReasons
{
    /// <summary>The sentence that the README has for it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No reason that a packet could die of.</exception>
    public static string Describe(DropReason reason) => reason switch
    {
        DropReason.SocketQueueFull => "Datagrams came faster than this machine opens them, and the UDP socket's queue was full. Some of what is missing; merged datagrams count once.",
        DropReason.TooShort => "Fewer octets than an ESP packet of that SA can have.",
        DropReason.Ike => "IKE, or something else behind a zero word, on the ESP port.",
        DropReason.ReservedSpi => "An SPI of 1 to 255.",
        DropReason.UnknownSpi => "No SA has this SPI: another tunnel's packet, or confs that do not match.",
        DropReason.Misaligned => "The ciphertext is no whole number of blocks.",
        DropReason.IcvMismatch => "Forged, damaged, or sealed under other keys: compare suite, keys and icv_bits of both ends.",
        DropReason.TooOld => "Authentic, but numbered below the replay window.",
        DropReason.Replayed => "Authentic, but that number was there before.",
        DropReason.SequenceZero => "Authentic, but numbered 0, which no sender uses.",
        DropReason.Unsynchronised => "Authentic, but after a restart it is not known yet which numbers are fresh; a probe is under way.",
        DropReason.BadPadding => "The padding is not 1, 2, 3, …",
        DropReason.UnexpectedNextHeader => "Inside is not what the conf's mode carries, nor a dummy: tunnel mode at one end, transport mode at the other?",
        DropReason.Dummy => "A dummy packet, sent to be discarded.",
        DropReason.MalformedInner => "The inner header is damaged or lies about its length or version.",
        DropReason.Martian => "The inner packet has a source or destination no network carries (127.0.0.0/8, ::1, …).",
        DropReason.OwnSource => "The inner packet claims to come from us: a reflection.",
        DropReason.SelectorMismatch => "Its addresses are not those of remote_private_ip and local_private_ip.",
        DropReason.EcnNotCapable => "A router marked congestion on a packet whose inner packet cannot carry the mark (RFC 6040).",
        DropReason.DeviceRefused => "The kernel did not take the packet from the TUN device.",
        DropReason.DeviceQueueFull => "Packets came faster than this machine seals them, and the TUN device's queue was full.",
        DropReason.NotIp => "The TUN device gave something that is no IP packet.",
        DropReason.NoPeer => "No peer's selectors match a packet that was routed into the device.",
        DropReason.NoEndpoint => "The peer's address is not known yet: nothing came from it.",
        DropReason.FragmentInTransportMode => "A fragment of a packet longer than the device's MTU: mode = transport carries whole packets only. Send shorter ones, or use tunnel mode.",
        DropReason.NotForTransportMode => "IP options, IPv6 extension headers or IP in IP: mode = transport carries what stands right behind the IP header.",
        DropReason.AboveMtu => "Longer than the path to the peer carries: its sender was told to send shorter ones.",
        DropReason.TooLong => "It would not fit a UDP datagram.",
        DropReason.SequenceExhausted => "The SA's numbers, or the blocks one key may encrypt, are used up: make new keys.",
        DropReason.SequenceNotReserved => "state_dir cannot be written, so no number may be used.",
        DropReason.SendRefused => "The kernel did not send the datagram: no route, or larger than the path.",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "no packet dies of that"),
    };
}
