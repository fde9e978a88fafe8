using NatT.Esp.Associations;

namespace NatT.Esp.Tests.Associations;

/// <summary>Sent = accepted + dropped + missing, as soon as the last number came.</summary>
public sealed class MissingNumbersTests
{
    private const ulong TwoTo32 = 1UL << 32;

    [Theory]
    [InlineData(0UL, false)]
    [InlineData(1_000_000UL, false)]
    [InlineData(uint.MaxValue - 100UL, false)]
    [InlineData(TwoTo32 - 50, true)]
    [InlineData((7 * TwoTo32) - 1, true)]
    public void Numbers_gone_past_are_missing(ulong top, bool isExtended)
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(isExtended: isExtended, top: top);

        Accept(receiver, top + 1, top + 2, top + 6, top + 100);

        Assert.Equal(3 + 93, receiver.Missing);
    }

    [Fact]
    public void A_number_that_comes_late_but_within_the_window_is_not_missing_any_more()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(windowSize: 64);

        Accept(receiver, 64);
        Assert.Equal(63, receiver.Missing);
        Accept(receiver, 1, 63, 30);

        Assert.Equal(60, receiver.Missing);
    }

    [Fact]
    public void Of_unused_keys_what_the_sender_used_before_it_is_first_heard_is_not_missing()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound();
        receiver.StartUnused();

        Accept(receiver, 10, 12);
        Assert.Equal(1, receiver.Missing);
        Accept(receiver, 7, 11);

        Assert.Equal(0, receiver.Missing);
        Assert.Equal(DropReason.Replayed, receiver.CheckNumber(7));
    }

    [Fact]
    public void A_number_that_comes_later_than_the_window_stays_missing()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(windowSize: 64);
        Accept(receiver, 65);

        Assert.Equal(DropReason.TooOld, receiver.CheckNumber(1));
        receiver.NoteDropped(1);

        Assert.Equal(64, receiver.Missing);
    }

    [Fact]
    public void A_dropped_packet_is_not_missing_and_its_copies_change_nothing()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound();
        Accept(receiver, 1, 5);

        Drop(receiver, 3, 3, 9, 9, 5, 1);
        Assert.Equal(2 + 3, receiver.Missing);
        Accept(receiver, 10, 7);

        Assert.Equal(4, receiver.Missing);
    }

    [Fact]
    public void Before_the_window_starts_nothing_is_missing()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(top: null);
        receiver.ExpectNear(900);

        Drop(receiver, 1000, 2000);
        receiver.SynchroniseAt(3000);

        Assert.Equal(0, receiver.Missing);
    }

    [Fact]
    public void What_was_missing_stays_counted_when_the_window_starts_over()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(top: 0);
        Accept(receiver, 11);
        Drop(receiver, 5000);

        receiver.SynchroniseAt(3);
        Assert.Equal(10 + 4988, receiver.Missing);
        Accept(receiver, 4, 6);
        Drop(receiver, 7, 7);

        Assert.Equal(10 + 4988 + 1, receiver.Missing);
    }

    [Fact]
    public void Without_a_window_it_is_not_known()
    {
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(windowSize: 0, top: null);
        receiver.SynchroniseAt(0);

        Accept(receiver, 100);
        Drop(receiver, 200);

        Assert.Null(receiver.Missing);
    }

    [Theory]
    [InlineData(32, 0UL)]
    [InlineData(1024, TwoTo32 - 3000)]
    public void Random_losses_reordering_and_drops_add_up(int windowSize, ulong top)
    {
        var random = new Random(windowSize);
        using InboundSecurityAssociation receiver = TestAssociations.Inbound(windowSize, isExtended: true, top: top);
        const int sent = 10_000;

        // The last one arrives, so that all before it show; some are overtaken by as much as the window allows.
        ulong[] order = [.. Enumerable.Range(1, sent - 1)
            .Where(_ => random.Next(10) != 0)
            .OrderBy(number => number + random.Next(windowSize))
            .Select(number => top + (ulong)number), top + sent];
        int lost = sent - order.Length;
        foreach (ulong number in order)
        {
            if (random.Next(8) == 0)
            {
                Drop(receiver, number);
            }
            else
            {
                Accept(receiver, number);
            }
        }

        Assert.True(lost > 0);
        Assert.Equal(lost, receiver.Missing);
    }

    private static void Accept(InboundSecurityAssociation receiver, params ulong[] numbers)
    {
        foreach (ulong number in numbers)
        {
            Assert.Equal(DropReason.None, receiver.CheckNumber(number));
            receiver.CommitNumber(number);
        }
    }

    private static void Drop(InboundSecurityAssociation receiver, params ulong[] numbers)
    {
        foreach (ulong number in numbers)
        {
            receiver.NoteDropped(number);
        }
    }
}
