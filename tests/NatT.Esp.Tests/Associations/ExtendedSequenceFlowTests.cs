using NatT.Crypto;
using NatT.Esp.Associations;

namespace NatT.Esp.Tests.Associations;

/// <summary>Packets with 64-bit sequence numbers from one end to the other.</summary>
public sealed class ExtendedSequenceFlowTests
{
    private static readonly byte[] Body = TestPackets.IPv4("10.2.0.1", "10.1.0.1");

    [Fact]
    public void Packets_are_opened_across_the_end_of_32_bits_in_any_order()
    {
        const ulong first = (3UL << 32) - 10;
        using OutboundSecurityAssociation sender = TestAssociations.Outbound(first, isExtended: true);
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(isExtended: true, top: first - 1);
        byte[][] packets = [.. Enumerable.Range(0, 20).Select(_ => TestAssociations.Seal(sender, Body))];
        new Random(1).Shuffle(packets);

        foreach (byte[] packet in packets)
        {
            Assert.Equal(DropReason.None, TestAssociations.Open(receiver, packet, out byte[] body, out _));
            Assert.Equal(Body, body);
        }

        Assert.Equal(first + 19, receiver.Top);
        Assert.All(packets, packet => Assert.Equal(DropReason.Replayed, TestAssociations.Open(receiver, packet, out _, out _)));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(6UL << 32)]
    [InlineData(4UL << 32)]
    public void A_receiver_in_another_run_of_low_halves_finds_no_authentic_packet(ulong top)
    {
        using OutboundSecurityAssociation sender = TestAssociations.Outbound((5UL << 32) + 1000, isExtended: true);
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(isExtended: true, top: top);
        byte[] packet = TestAssociations.Seal(sender, Body);
        byte[] before = [.. packet];

        Assert.Equal(DropReason.None, receiver.TryPrepare(packet, out OpenJob job, out _));

        Assert.False(TestAssociations.IsAuthentic(packet, job));
        Assert.Equal(before, packet);
    }

    [Fact]
    public void An_unsynchronised_receiver_finds_the_high_half_near_where_it_was_told_to_look()
    {
        using OutboundSecurityAssociation sender = TestAssociations.Outbound((5UL << 32) + 1000, isExtended: true);
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(isExtended: true, top: null);
        byte[] packet = TestAssociations.Seal(sender, Body);
        receiver.ExpectNear((5UL << 32) + 7);

        Assert.Equal(DropReason.None, receiver.TryPrepare(packet, out OpenJob job, out ulong number));

        Assert.Equal((5UL << 32) + 1000, number);
        Assert.True(TestAssociations.IsAuthentic(packet, job));
    }

    [Fact]
    public void A_packet_without_a_high_half_is_none_of_an_extended_associations()
    {
        using OutboundSecurityAssociation sender = TestAssociations.Outbound();
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(isExtended: true);
        byte[] packet = TestAssociations.Seal(sender, Body);

        Assert.Equal(DropReason.None, receiver.TryPrepare(packet, out OpenJob job, out _));

        Assert.Equal(0u, job.SequenceHigh);
        Assert.False(TestAssociations.IsAuthentic(packet, job));
    }

    [Fact]
    public void Extended_numbers_without_a_window_are_refused()
    {
        // Nothing would remember the high half, and all packets were lost from the 2^32nd on.
        SecurityAssociationParameters parameters = TestAssociations.Parameters(isExtended: true);
        using CipherKey key = parameters.Key;

        Assert.Throws<ArgumentException>(() => new InboundSecurityAssociation(parameters, windowSize: 0));
    }
}
