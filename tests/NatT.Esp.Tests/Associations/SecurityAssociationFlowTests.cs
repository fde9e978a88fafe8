using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Associations;

/// <summary>What one end seals, the other opens.</summary>
public sealed class SecurityAssociationFlowTests
{
    [Theory]
    [InlineData(12, false)]
    [InlineData(12, true)]
    [InlineData(16, false)]
    [InlineData(16, true)]
    public void Packets_of_both_families_and_every_length_arrive(int icvSize, bool isExtended)
    {
        using OutboundSecurityAssociation sender = TestAssociations.Outbound(isExtended: isExtended, icvSize: icvSize);
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(isExtended: isExtended, icvSize: icvSize);
        for (int length = 0; length < 300; length++)
        {
            AssertArrives(sender, receiver, TestPackets.IPv4("10.2.0.1", "10.1.0.1", length), EspTrailer.NextHeaderIPv4);
            AssertArrives(sender, receiver, TestPackets.IPv6("fd00:2::1", "fd00:1::1", length), EspTrailer.NextHeaderIPv6);
        }

        Assert.Equal(600UL, receiver.Top);
    }

    [Fact]
    public void A_forged_packet_does_not_advance_the_replay_window()
    {
        using OutboundSecurityAssociation sender = TestAssociations.Outbound(first: 500);
        using InboundSecurityAssociation receiver = TestAssociations.Inbound();
        byte[] packet = TestAssociations.Seal(sender, TestPackets.IPv4("10.2.0.1", "10.1.0.1"));
        packet[^1] ^= 1;

        Assert.Equal(DropReason.None, receiver.TryPrepare(packet, out OpenJob job, out ulong number));

        Assert.False(TestAssociations.IsAuthentic(packet, job));
        Assert.Equal(500UL, number);
        Assert.Equal(0UL, receiver.Top);
        Assert.Equal(DropReason.None, receiver.CheckNumber(500));
    }

    [Fact]
    public void Tfc_padding_behind_the_inner_packet_is_left_out()
    {
        using OutboundSecurityAssociation sender = TestAssociations.Outbound();
        using InboundSecurityAssociation receiver = TestAssociations.Inbound();
        byte[] inner = TestPackets.IPv4("10.2.0.1", "10.1.0.1");

        Assert.Equal(
            DropReason.None,
            TestAssociations.Open(receiver, TestAssociations.Seal(sender, [.. inner, .. new byte[500]]), out byte[] body, out _));

        Assert.True(InnerPacket.TryRead(body, out InnerPacket packet));
        Assert.Equal(inner, packet.Octets);
    }

    private static void AssertArrives(
        OutboundSecurityAssociation sender, InboundSecurityAssociation receiver, byte[] inner, byte nextHeader)
    {
        byte[] packet = TestAssociations.Seal(sender, inner, nextHeader);

        Assert.Equal(DropReason.None, TestAssociations.Open(receiver, packet, out byte[] body, out byte openedNextHeader));
        Assert.Equal(inner, body);
        Assert.Equal(nextHeader, openedNextHeader);
    }
}
