using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Associations;

public sealed class OutboundSecurityAssociationTests
{
    /// <summary>The last number whose predecessors, at 94 blocks each, still leave room under 2^44; 12 blocks of it.</summary>
    private const ulong NearMaximumBlocks = (OutboundSecurityAssociation.MaximumBlocks / 94) + 1;

    [Fact]
    public void A_packet_is_written_but_for_its_ciphertext()
    {
        using OutboundSecurityAssociation association = TestAssociations.Outbound(first: 0x01020304);
        byte[] packet = new byte[association.Parameters.SealedLength(84)];

        Assert.Equal(DropReason.None, association.TryPrepare(packet, 84, EspTrailer.NextHeaderIPv6, out SealJob job));

        Assert.Equal(8 + 16 + 96 + 16, packet.Length);
        Assert.Equal("0000123401020304", Convert.ToHexStringLower(packet[..8]));
        Assert.Contains(packet[8..24], octet => octet != 0);
        Assert.All(packet[24..108], octet => Assert.Equal(0, octet));
        Assert.Equal("0102030405060708090a" + "0a" + "29", Convert.ToHexStringLower(packet[108..120]));
        Assert.Equal(
            new SealJob { Key = association.Parameters.Key, BodyOffset = 0, BodyLength = 84, Offset = 0, Length = packet.Length },
            job);
    }

    [Fact]
    public void Packets_are_numbered_one_by_one_and_no_iv_comes_twice()
    {
        using OutboundSecurityAssociation association = TestAssociations.Outbound();
        var ivs = new HashSet<string>();
        for (uint number = 1; number <= 1000; number++)
        {
            byte[] packet = new byte[association.Parameters.SealedLength(20)];
            Assert.Equal(DropReason.None, association.TryPrepare(packet, 20, EspTrailer.NextHeaderIPv4, out _));
            Assert.Equal(number, EspHeader.ReadSequenceNumber(packet));
            Assert.True(ivs.Add(Convert.ToHexString(packet[8..24])));
        }
    }

    [Fact]
    public void The_high_half_is_authenticated_and_not_sent()
    {
        using OutboundSecurityAssociation association = TestAssociations.Outbound(first: 0x0000000B_FFFFFFFF, isExtended: true);
        byte[] packet = new byte[association.Parameters.SealedLength(20)];

        Assert.Equal(DropReason.None, association.TryPrepare(packet, 20, EspTrailer.NextHeaderIPv4, out SealJob last));
        Assert.Equal((uint.MaxValue, 0xBu), (EspHeader.ReadSequenceNumber(packet), last.SequenceHigh));

        Assert.Equal(DropReason.None, association.TryPrepare(packet, 20, EspTrailer.NextHeaderIPv4, out SealJob next));
        Assert.Equal((0u, 0xCu), (EspHeader.ReadSequenceNumber(packet), next.SequenceHigh));
    }

    [Fact]
    public void Numbers_that_ran_out_or_are_not_reserved_give_no_packet()
    {
        using OutboundSecurityAssociation association = TestAssociations.Outbound(first: uint.MaxValue);
        byte[] packet = new byte[association.Parameters.SealedLength(20)];
        association.Sequence.LastReserved = 0;
        Assert.Equal(DropReason.SequenceNotReserved, association.TryPrepare(packet, 20, EspTrailer.NextHeaderIPv4, out _));

        association.Sequence.LastReserved = ulong.MaxValue;
        Assert.Equal(DropReason.None, association.TryPrepare(packet, 20, EspTrailer.NextHeaderIPv4, out _));
        Assert.Equal(DropReason.SequenceExhausted, association.TryPrepare(packet, 20, EspTrailer.NextHeaderIPv4, out _));
        Assert.True(association.NeedsNewKeys);
    }

    [Fact]
    public void The_association_stops_at_2_to_the_44_blocks()
    {
        using OutboundSecurityAssociation association = TestAssociations.Outbound(NearMaximumBlocks, isExtended: true);
        byte[] packet = new byte[association.Parameters.SealedLength(20)];
        for (int twoBlocks = 0; twoBlocks < 6; twoBlocks++)
        {
            Assert.Equal(DropReason.None, association.TryPrepare(packet, 20, EspTrailer.NextHeaderIPv4, out _));
        }

        ulong next = association.Sequence.Next;
        Assert.Equal(DropReason.SequenceExhausted, association.TryPrepare(packet, 20, EspTrailer.NextHeaderIPv4, out _));
        Assert.Equal(next, association.Sequence.Next);
    }

    [Theory]
    [InlineData(NearMaximumBlocks + 1)]
    [InlineData(ulong.MaxValue / 94)]
    [InlineData((ulong.MaxValue / 94) + 2)]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue - 1)]
    public void An_association_resumed_beyond_its_blocks_gives_no_packet(ulong first)
    {
        using OutboundSecurityAssociation association = TestAssociations.Outbound(first, isExtended: true);
        byte[] packet = new byte[association.Parameters.SealedLength(1500)];

        Assert.Equal(DropReason.SequenceExhausted, association.TryPrepare(packet, 1500, EspTrailer.NextHeaderIPv4, out _));
        Assert.True(association.NeedsNewKeys);
    }

    [Fact]
    public void Beyond_2_to_the_42_blocks_new_keys_are_due()
    {
        // 50 blocks are left.
        ulong first = (OutboundSecurityAssociation.WarningBlocks / 94) + 1;
        using OutboundSecurityAssociation association = TestAssociations.Outbound(first, isExtended: true);
        byte[] packet = new byte[association.Parameters.SealedLength(20)];
        for (int twoBlocks = 0; twoBlocks < 25; twoBlocks++)
        {
            association.TryPrepare(packet, 20, EspTrailer.NextHeaderIPv4, out _);
            Assert.False(association.NeedsNewKeys);
        }

        association.TryPrepare(packet, 20, EspTrailer.NextHeaderIPv4, out _);
        Assert.True(association.NeedsNewKeys);
    }

    [Theory]
    [InlineData(0, 8 + 16 + 16 + 16)]
    [InlineData(14, 8 + 16 + 16 + 16)]
    [InlineData(15, 8 + 16 + 32 + 16)]
    [InlineData(1422, 1464)]
    [InlineData(1423, 1480)]
    public void A_sealed_packet_is_as_long_as_the_parameters_say(int bodyLength, int expected)
    {
        using CipherKey key = TestAssociations.Parameters().Key;
        Assert.Equal(expected, new SecurityAssociationParameters(TestAssociations.Spi, key, IsExtended: false).SealedLength(bodyLength));
    }
}
