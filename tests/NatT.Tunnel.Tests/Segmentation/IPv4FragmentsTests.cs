using System.Buffers.Binary;
using NatT.Esp.Wire;
using NatT.Tunnel.Segmentation;
using NatT.Tunnel.Tests.Segmentation.Lab;

namespace NatT.Tunnel.Tests.Segmentation;

public sealed class IPv4FragmentsTests
{
    private static readonly PacketShape Udp = new()
    {
        IsUdp = true,
        Fragment = 0,
        Identification = 77,
        Payload = PacketShape.RandomPayload(new Random(1), 3000),
    };

    [Theory]
    [InlineData(68)]
    [InlineData(576)]
    [InlineData(1374)]
    [InlineData(3027)]
    public void Fragments_put_together_are_the_packet(int mtu)
    {
        byte[] packet = Udp.Whole();

        List<byte[]> fragments = Cut(packet, mtu)!;

        var payload = new byte[packet.Length - 20];
        foreach (byte[] fragment in fragments)
        {
            int offset = (BinaryPrimitives.ReadUInt16BigEndian(fragment.AsSpan(6)) & 0x1FFF) * 8;
            fragment[20..].CopyTo(payload, offset);
            Assert.InRange(fragment.Length, 21, mtu);
            Assert.Equal(fragment.Length, BinaryPrimitives.ReadUInt16BigEndian(fragment.AsSpan(2)));
            Assert.Equal(packet[4..6], fragment[4..6]);
            Assert.Equal(packet[8..10], fragment[8..10]);
            Assert.Equal(packet[12..20], fragment[12..20]);
            Assert.Equal(0, PlainChecksum.Of(fragment.AsSpan(0, 20)));
        }

        Assert.Equal(packet[20..], payload);
        Assert.All(fragments[..^1], fragment => Assert.Equal(0x20, fragment[6] & 0xE0));
        Assert.Equal(0, fragments[^1][6] & 0xE0);
    }

    [Fact]
    public void A_fragment_that_is_cut_again_keeps_its_place_and_goes_on()
    {
        byte[] packet = (Udp with { Fragment = 0x2000 + 100, Payload = new byte[1000] }).Whole();

        List<byte[]> fragments = Cut(packet, 576)!;

        IEnumerable<int> fields = fragments.Select(fragment => (int)BinaryPrimitives.ReadUInt16BigEndian(fragment.AsSpan(6)));
        Assert.Equal([0x2000 + 100, 0x2000 + 100 + 69], fields);
    }

    [Fact]
    public void Later_fragments_have_only_the_options_that_are_to_be_copied()
    {
        // Record route, router alert, timestamp of an odd length, padding.
        byte[] options = [7, 3, 4, 0x94, 4, 0, 0, 1, 68, 5, 5, 0, 0, 0, 0, 0];
        byte[] packet = (Udp with { Options = options }).Whole();

        List<byte[]> fragments = Cut(packet, 1000)!;

        Assert.Equal(options, fragments[0][20..36]);
        Assert.All(fragments[1..], fragment => Assert.Equal("01010194040000010101010101000000", Convert.ToHexString(fragment[20..36])));
        Assert.All(fragments, fragment => Assert.Equal(0, PlainChecksum.Of(fragment.AsSpan(0, 36))));
    }

    [Theory]
    [InlineData(0x4000)]
    [InlineData(0x1FF0)] // ends beyond the largest packet
    public void Some_packets_are_not_to_be_cut(int fragment) => Assert.Null(Cut((Udp with { Fragment = (ushort)fragment }).Whole(), 1000));

    [Fact]
    public void A_first_fragment_of_odd_length_is_not_cut() =>
        Assert.Null(Cut((Udp with { Fragment = 0x2000, Payload = new byte[1001] }).Whole(), 1000));

    [Fact]
    public void IPv6_is_for_its_sender_to_cut() => Assert.Null(Cut((Udp with { IsIPv6 = true }).Whole(), 1000));

    [Theory]
    [InlineData(27)]
    [InlineData(0)]
    public void An_mtu_without_room_for_payload_cuts_nothing(int mtu) => Assert.Null(Cut(Udp.Whole(), mtu));

    [Fact]
    public void A_damaged_header_is_not_cut()
    {
        byte[] packet = Udp.Whole();
        packet[10] ^= 1;

        Assert.Null(Cut(packet, 1000));
    }

    private static List<byte[]>? Cut(byte[] packet, int mtu)
    {
        Assert.True(InnerPacket.TryRead(packet, out InnerPacket inner));
        if (!IPv4Fragments.TryCut(inner, mtu, out IPv4Fragments fragments))
        {
            return null;
        }

        var cut = new List<byte[]>();
        for (int i = 0; i < fragments.Count; i++)
        {
            byte[] fragment = new byte[mtu];
            cut.Add(fragment[..fragments.Write(i, fragment)]);
        }

        return cut;
    }
}
