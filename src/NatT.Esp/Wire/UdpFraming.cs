namespace NatT.Esp.Wire;

/// <summary>How ESP lies in a UDP datagram.</summary>
public enum UdpFraming
{
    /// <summary>RFC 3948 (<c>espinudp</c>): ESP directly behind the UDP header.</summary>
    Rfc3948,

    /// <summary>draft-ietf-ipsec-udp-encaps-00 (<c>espinudp-nonike</c>): 8 zero octets, then ESP.</summary>
    NonIke,
}
