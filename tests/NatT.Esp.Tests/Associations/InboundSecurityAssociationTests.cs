using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Associations;

public sealed class InboundSecurityAssociationTests
{
    private static readonly byte[] Body = TestPackets.IPv4("10.2.0.1", "10.1.0.1", payloadLength: 64);

    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    [Produces(DropReason.TooShort)]
    public void A_packet_with_less_than_a_block_is_too_short(int icvSize)
    {
        using InboundSecurityAssociation association = TestAssociations.Inbound(icvSize: icvSize);
        for (int length = 8; length < 8 + 16 + 16 + icvSize; length++)
        {
            Assert.Equal(DropReason.TooShort, association.TryPrepare(new byte[length], out _, out _));
        }

        Assert.Equal(DropReason.None, association.TryPrepare(new byte[8 + 16 + 16 + icvSize], out _, out _));
    }

    [Fact]
    [Produces(DropReason.Misaligned)]
    public void A_ciphertext_of_broken_blocks_is_misaligned()
    {
        using InboundSecurityAssociation association = TestAssociations.Inbound();
        for (int extra = 1; extra < 16; extra++)
        {
            Assert.Equal(DropReason.Misaligned, association.TryPrepare(new byte[8 + 16 + 32 + extra + 16], out _, out _));
        }
    }

    [Theory]
    [InlineData(EspTrailer.NextHeaderDummy, DropReason.Dummy)]
    [InlineData(0, DropReason.UnexpectedNextHeader)]
    [InlineData(1, DropReason.UnexpectedNextHeader)]
    [InlineData(6, DropReason.UnexpectedNextHeader)]
    [InlineData(17, DropReason.UnexpectedNextHeader)]
    [InlineData(50, DropReason.UnexpectedNextHeader)]
    [InlineData(58, DropReason.UnexpectedNextHeader)]
    [InlineData(255, DropReason.UnexpectedNextHeader)]
    [Produces(DropReason.Dummy)]
    [Produces(DropReason.UnexpectedNextHeader)]
    public void Next_headers_other_than_ipv4_and_ipv6_carry_nothing(byte nextHeader, DropReason expected)
    {
        using OutboundSecurityAssociation sender = TestAssociations.Outbound();
        using InboundSecurityAssociation receiver = TestAssociations.Inbound();

        Assert.Equal(expected, TestAssociations.Open(receiver, TestAssociations.Seal(sender, Body, nextHeader), out _, out _));
        Assert.Equal(0UL, receiver.Top);
    }

    [Fact]
    [Produces(DropReason.BadPadding)]
    public void Padding_that_no_sender_may_write_is_refused()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound();
        byte[] zeros = [.. new byte[14], 14, 4];
        byte[] longerThanThePacket = [.. Enumerable.Range(1, 14).Select(i => (byte)i), 15, 4];

        foreach (byte[] plaintext in new[] { zeros, longerThanThePacket })
        {
            byte[] packet = TestAssociations.SealPlaintext(plaintext);
            Assert.Equal(DropReason.BadPadding, TestAssociations.Open(receiver, packet, out _, out _));
        }
    }

    [Fact]
    public void Any_padding_up_to_255_octets_is_accepted()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(windowSize: 0);
        for (int padding = 0; padding <= 255; padding++)
        {
            // A body that makes whole blocks with this padding.
            byte[] body = new byte[20 + ((16 - ((22 + padding) % 16)) % 16)];
            byte[] plaintext = [.. body, .. new byte[padding + 2]];
            EspTrailer.Write(plaintext.AsSpan(body.Length), EspTrailer.NextHeaderIPv4);

            byte[] packet = TestAssociations.SealPlaintext(plaintext);

            Assert.Equal(DropReason.None, TestAssociations.Open(receiver, packet, out byte[] opened, out _));
            Assert.Equal(body, opened);
        }
    }

    [Fact]
    [Produces(DropReason.Replayed)]
    public void A_replayed_packet_is_refused()
    {
        using OutboundSecurityAssociation sender = TestAssociations.Outbound();
        using InboundSecurityAssociation receiver = TestAssociations.Inbound();
        byte[] packet = TestAssociations.Seal(sender, Body);

        Assert.Equal(DropReason.None, TestAssociations.Open(receiver, packet, out _, out _));
        Assert.Equal(DropReason.Replayed, TestAssociations.Open(receiver, packet, out _, out _));
    }

    [Fact]
    public void A_checked_number_is_seen_only_once_it_is_committed()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound();

        Assert.Equal(DropReason.None, receiver.CheckNumber(5));
        Assert.Equal(DropReason.None, receiver.CheckNumber(5));
        Assert.True(receiver.CommitNumber(5));
        Assert.Equal(DropReason.Replayed, receiver.CheckNumber(5));
    }

    [Fact]
    public void Only_a_number_above_all_others_is_the_newest()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound();

        Assert.True(receiver.CommitNumber(10));
        Assert.False(receiver.CommitNumber(9));
        Assert.True(receiver.CommitNumber(11));
        Assert.Equal(11UL, receiver.Top);
    }

    [Fact]
    public void Without_a_window_replays_and_zero_pass()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(windowSize: 0, top: null);
        byte[] plaintext = [.. new byte[14], 0, 4];
        byte[] packet = TestAssociations.SealPlaintext(plaintext, number: 0);

        Assert.False(receiver.HasWindow);
        Assert.Equal(DropReason.None, TestAssociations.Open(receiver, packet, out _, out _));
        Assert.Equal(DropReason.None, TestAssociations.Open(receiver, packet, out _, out _));
        Assert.Equal(0UL, receiver.Top);
    }

    [Fact]
    [Produces(DropReason.Unsynchronised)]
    public void An_unsynchronised_association_delivers_nothing_until_it_is_told_where_to_start()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(top: null);
        using OutboundSecurityAssociation sender = TestAssociations.Outbound(first: 1000);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(DropReason.Unsynchronised, TestAssociations.Open(receiver, TestAssociations.Seal(sender, Body), out _, out _));
        }

        receiver.ExpectNear(900);
        Assert.False(receiver.IsSynchronised);
        Assert.Equal(DropReason.Unsynchronised, TestAssociations.Open(receiver, TestAssociations.Seal(sender, Body), out _, out _));

        receiver.SynchroniseAt(1100);
        Assert.True(receiver.IsSynchronised);
        Assert.Equal(DropReason.Replayed, receiver.CheckNumber(1100));
        Assert.Equal(DropReason.Replayed, receiver.CheckNumber(1050));
        Assert.Equal(DropReason.TooOld, receiver.CheckNumber(1000));
        Assert.Equal(DropReason.None, receiver.CheckNumber(1101));
    }

    [Fact]
    public void A_hint_does_not_move_a_synchronised_window()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(top: 1000);

        receiver.ExpectNear(10);

        Assert.Equal(1000UL, receiver.Top);
        Assert.Equal(DropReason.TooOld, receiver.CheckNumber(11));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(8193)]
    [InlineData(-1)]
    public void A_window_out_of_bounds_is_refused(int windowSize)
    {
        SecurityAssociationParameters parameters = TestAssociations.Parameters();
        using CipherKey key = parameters.Key;

        Assert.Throws<ArgumentOutOfRangeException>(() => new InboundSecurityAssociation(parameters, windowSize));
    }

    [Fact]
    public void Retries_under_other_high_halves_are_limited_by_the_second()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(isExtended: true, top: null);
        var start = TimeSpan.FromSeconds(100);

        Assert.Equal(16, CountRetries(receiver, start));
        Assert.Equal(0, CountRetries(receiver, start + TimeSpan.FromMilliseconds(999)));
        Assert.Equal(16, CountRetries(receiver, start + TimeSpan.FromSeconds(1)));
    }

    private static int CountRetries(InboundSecurityAssociation receiver, TimeSpan now) =>
        Enumerable.Range(0, 1000).Count(_ => receiver.TrySpendRetry(now));
}
