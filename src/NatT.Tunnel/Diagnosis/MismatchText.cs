using NatT.Crypto;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Diagnosis;

/// <summary>The line for each mismatch: what was seen, and what to change at which end. One says "may" where no right ICV vouches for it.</summary>
internal static class MismatchText
{
    public static Mismatch IcvLength(string peer, int theirBits, int ourBits) => Proven(
        MismatchCause.IcvLength, peer,
        $"sends ICVs of {theirBits} bits, and icv_bits here is {ourBits}: write icv_bits = {theirBits} here, or {ourBits} at its end");

    public static Mismatch IcvLengthByLength(string peer, int theirBits, int ourBits) => Possible(
        MismatchCause.IcvLength, peer,
        $"may send ICVs of {theirBits} bits, as its datagrams are long, under other keys than ours: compare icv_bits at both ends, "
        + "then auth_in here with auth_out at its end");

    public static Mismatch AuthenticationKey(string peer, CipherSuite suite, OuterEndpoint source) => Possible(
        MismatchCause.AuthenticationKey, peer,
        suite is AeadSuite
            ? $"may have another key or salt: no ICV from {source} is right; compare enc_in here with enc_out at its end, salt included, and suite"
            : $"may have another key to authenticate with: no ICV from {source} is right; compare auth_in here with auth_out at its end, and suite");

    public static Mismatch EncryptionKey(string peer) => Proven(
        MismatchCause.EncryptionKey, peer,
        "has our key to authenticate with, but another to encrypt with: its ICVs are right and its packets decrypt to nonsense; "
        + "compare enc_in here with enc_out at its end");

    public static Mismatch KeyDirection(string peer) => Proven(
        MismatchCause.KeyDirection, peer,
        "seals with the keys that are enc_out and auth_out here: swap the keys' _in and _out at one end");

    public static Mismatch SequenceLength(string peer, bool isOursExtended) => Proven(
        MismatchCause.SequenceLength, peer,
        isOursExtended
            ? "has 32-bit sequence numbers, and esn here is yes: write esn = no here, or esn = yes at its end"
            : "has 64-bit sequence numbers, and esn here is no: write esn = yes here, or esn = no at its end");

    public static Mismatch Framing(string peer, UdpFraming theirs) => Possible(
        MismatchCause.Framing, peer,
        $"sends {FramingNames.Of(theirs)} and answers no probe in {FramingNames.Of(Other(theirs))}, which it may not take: "
        + $"write espmode = {FramingNames.Of(theirs)} here, or auto");

    public static Mismatch SpisSwapped(string peer, uint spi) => Proven(
        MismatchCause.SpiDirection, peer,
        $"sends under SPI 0x{spi:x8}, which is spi_out here: swap spi_in and spi_out at one end");

    public static Mismatch SpisMayBeSwapped(string peer, uint spi, OuterEndpoint source) => Possible(
        MismatchCause.SpiDirection, peer,
        $"may have our spi_in and spi_out where it should have them swapped, and other keys: {source} sends under SPI 0x{spi:x8}, "
        + "which is spi_out here; compare the confs of both ends");

    public static Mismatch SameConf(string peer, OuterEndpoint source) => Possible(
        MismatchCause.SpiDirection, peer,
        $"may run the same conf as this end, or our own datagrams come back from {source}: swap all _in and _out, and "
        + "local_private_ip and remote_private_ip, at one end");

    public static Mismatch SpiOfPeer(string peer, uint theirs, uint ours) => Proven(
        MismatchCause.SpiUnknown, peer,
        $"sends under SPI 0x{theirs:x8}, and spi_in here is 0x{ours:x8}: write spi_in = 0x{theirs:x8} here, or spi_out = 0x{ours:x8} at its end");

    public static Mismatch SpiOfNobody(uint spi, OuterEndpoint source) => new(
        MismatchCause.SpiUnknown, Peer: null, IsProven: false,
        $"{source} sends under SPI 0x{spi:x8}, which is spi_in of no conf here: if it is a peer, its spi_out may be wrong, "
        + "compare it with spi_in here");

    public static Mismatch NextKeys(string peer, uint spi, OuterEndpoint source) => Possible(
        MismatchCause.NextKeys, peer,
        $"may have its next keys already: from {source}, where it is up, comes SPI 0x{spi:x8} too, which is spi_in of no conf here; "
        + "give this end the next_ keys that go with them, if it lacks them, and reload");

    public static Mismatch OfNextKeys(in Mismatch mismatch) => mismatch with { Text = $"{mismatch.Text}; it is about the next_ keys" };

    public static Mismatch Source(string peer, IpAddress source, IpAddress destination) => Proven(
        MismatchCause.Selectors, peer,
        $"sends packets from {source} to {destination}, and remote_private_ip here does not hold {source}: add it here, "
        + "or correct local_private_ip at its end");

    public static Mismatch Destination(string peer, IpAddress source, IpAddress destination) => Proven(
        MismatchCause.Selectors, peer,
        $"sends packets from {source} to {destination}, and local_private_ip here does not hold {destination}: add it here, "
        + "or correct remote_private_ip at its end");

    public static Mismatch OwnSource(string peer, IpAddress source) => Possible(
        MismatchCause.Selectors, peer,
        $"sends packets from {source}, an address of this end: both may have the same local_private_ip, correct it at one end");

    public static Mismatch SequenceRestart(string peer, uint number) => Possible(
        MismatchCause.SequenceRestart, peer,
        $"may have restarted its sequence numbers, or somebody replays old packets, the last numbered {number}: undecidable, as it answers "
        + "no probe; let it answer pings from our inner address, and see that what we send reaches it");

    public static Mismatch Suite(string peer, CipherSuite suite, OuterEndpoint source) => Possible(
        MismatchCause.Suite, peer,
        $"may have another suite: no packet of {suite.Name} is as long as the datagrams from {source}; compare suite at both ends");

    public static Mismatch TransportMode(string peer, byte nextHeader) => Proven(
        MismatchCause.Mode, peer,
        $"sends packets of protocol {nextHeader} without an IP header, as in transport mode, and mode here is tunnel: "
        + "write mode = transport here, or mode = tunnel at its end");

    public static Mismatch TunnelMode(string peer) => Proven(
        MismatchCause.Mode, peer,
        "sends whole IP packets, as in tunnel mode, and mode here is transport: write mode = tunnel here, or mode = transport at its end");

    public static Mismatch OtherVersion(string peer, byte nextHeader, bool isIPv6) => Proven(
        MismatchCause.Selectors, peer,
        $"sends protocol {nextHeader}, which is of IPv{(isIPv6 ? 6 : 4)}, and mode = transport here is between addresses of "
        + $"IPv{(isIPv6 ? 4 : 6)}: use one IP version in local_private_ip and remote_private_ip of both ends");

    public static Mismatch Ike(OuterEndpoint source) => new(
        MismatchCause.Ike, Peer: null, IsProven: false,
        $"{source} sends IKE: a far end that negotiates keys may be configured there, where natt-tun needs the keys of its conf");

    private static UdpFraming Other(UdpFraming framing) => framing == UdpFraming.NonIke ? UdpFraming.Rfc3948 : UdpFraming.NonIke;

    private static Mismatch Proven(MismatchCause cause, string peer, string text) => new(cause, peer, IsProven: true, $"peer {peer} {text}");

    private static Mismatch Possible(MismatchCause cause, string peer, string text) => new(cause, peer, IsProven: false, $"peer {peer} {text}");
}
