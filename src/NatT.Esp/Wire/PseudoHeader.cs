namespace NatT.Esp.Wire;

/// <summary>
/// What TCP, UDP and ICMPv6 checksums cover besides the message: addresses, length and protocol (RFC 9293 §3.1, RFC 8200 §8.1).
/// </summary>
public static class PseudoHeader
{
    /// <summary>The sum over it, of a packet without a routing header.</summary>
    /// <param name="header">The packet's IP header.</param>
    /// <param name="protocol">The upper layer's.</param>
    /// <param name="length">Octets of upper-layer header and payload, up to 65535.</param>
    public static uint Sum(ReadOnlySpan<byte> header, byte protocol, int length)
    {
        ReadOnlySpan<byte> addresses = header[0] >> 4 == 6 ? header.Slice(8, 32) : header.Slice(12, 8);
        return InternetChecksum.Add(addresses, (uint)protocol + (uint)length);
    }
}
