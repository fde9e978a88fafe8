using NatT.EndToEnd.Tests.Lab;
using NatT.Interop.Tests.Scapy;

namespace NatT.Interop.Tests;

/// <summary>What natt-tun makes of scapy's odd, hostile and damaged packets; see <c>edge_packets.py</c> for each of them.</summary>
public sealed class ScapyEdgePacketTests(EdgePacketSession session) : IClassFixture<EdgePacketSession>
{
    [NamespaceTheory]
    [InlineData("IPv4 packet")]
    [InlineData("IPv6 packet")]
    [InlineData("packet in the other framing")]
    [InlineData("packet longer than the device's MTU")]
    [InlineData("padding of 255 octets")]
    [InlineData("octets after the IPv4 packet, as traffic flow confidentiality adds them")]
    [InlineData("octets after the IPv6 packet, as traffic flow confidentiality adds them")]
    [InlineData("packet that comes twice")]
    [InlineData("packet that jumps ahead")]
    [InlineData("late packet inside the window")]
    [InlineData("congestion marked on the way of a packet that can carry the mark")]
    public void Packet_is_delivered_once(string name) => Assert.Equal(1, session.Delivered(name));

    [NamespaceTheory]
    [InlineData("padding that is not 1, 2, 3")]
    [InlineData("padding longer than the packet")]
    [InlineData("dummy packet")]
    [InlineData("next header TCP")]
    [InlineData("IPv4 packet announced as IPv6")]
    [InlineData("source is the receiver's own address")]
    [InlineData("source outside the selectors")]
    [InlineData("destination outside the selectors")]
    [InlineData("multicast source")]
    [InlineData("loopback source")]
    [InlineData("IPv6 packet announced as IPv4")]
    [InlineData("IPv6 source is the receiver's own address")]
    [InlineData("IPv6 source outside the selectors")]
    [InlineData("IPv6 destination outside the selectors")]
    [InlineData("IPv6 multicast source")]
    [InlineData("IPv6 loopback source")]
    [InlineData("inner length beyond the packet")]
    [InlineData("IPv6 inner length beyond the packet")]
    [InlineData("wrong inner header checksum")]
    [InlineData("sequence number 0")]
    [InlineData("late packet below the window")]
    [InlineData("damaged ICV")]
    [InlineData("damaged ciphertext")]
    [InlineData("altered sequence number")]
    [InlineData("truncated packet")]
    [InlineData("congestion marked on the way of a packet that cannot carry the mark")]
    public void Packet_is_not_delivered(string name) => Assert.Equal(0, session.Delivered(name));

    [NamespaceTheory]
    [InlineData("BadPadding", 2)]
    [InlineData("Dummy", 1)]
    [InlineData("UnexpectedNextHeader", 1)]
    [InlineData("MalformedInner", 5)]
    [InlineData("OwnSource", 3)] // two by scapy's hand, and a frame of natt-tun's own that scapy sent back
    [InlineData("SelectorMismatch", 4)]
    [InlineData("Martian", 4)]
    [InlineData("Replayed", 1)]
    [InlineData("SequenceZero", 1)]
    [InlineData("TooOld", 1)]
    [InlineData("IcvMismatch", 4)]
    [InlineData("EcnNotCapable", 1)]
    [InlineData("ReservedSpi", 1)]
    [InlineData("Ike", 1)]
    public void Each_drop_is_counted_under_its_reason(string reason, int count) => Assert.Equal(count, session.Drops(reason));

    [NamespaceFact]
    public void Octets_after_the_inner_packet_are_trimmed()
    {
        Assert.Equal(1, session.Delivered("octets after the IPv4 packet, as traffic flow confidentiality adds them", "less 92"));
        Assert.Equal(1, session.Delivered("octets after the IPv6 packet, as traffic flow confidentiality adds them", "less 112"));
    }

    [NamespaceFact]
    public void Congestion_marked_on_the_way_reaches_the_inner_packet() =>
        Assert.Equal(1, session.Delivered("congestion marked on the way of a packet that can carry the mark", "ip[1] & 3 = 3"));

    [NamespaceFact]
    public void Datagrams_that_are_not_ours_are_counted_and_otherwise_ignored()
    {
        Assert.InRange(session.Drops("UnknownSpi"), 20, 40);
        Assert.InRange(session.Drops("TooShort"), 5, 10);
    }

    [NamespaceTheory]
    [InlineData("moved")]
    [InlineData("restarted")]
    [InlineData("lost")]
    [InlineData("stopped")]
    public void Nothing_of_it_moves_the_peer_resets_its_window_or_stops_a_path(string word) => Assert.False(session.Says(word));

    [NamespaceFact]
    public void Tunnel_works_after_all_of_it() => session.AssertFinished();
}
