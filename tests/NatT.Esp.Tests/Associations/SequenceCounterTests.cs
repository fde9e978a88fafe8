using NatT.Esp.Associations;

namespace NatT.Esp.Tests.Associations;

public sealed class SequenceCounterTests
{
    [Fact]
    public void Numbers_go_up_by_one_from_the_first()
    {
        var counter = new SequenceCounter(7, isExtended: false) { LastReserved = 1000 };

        for (ulong expected = 7; expected <= 1000; expected++)
        {
            Assert.Equal(expected, counter.Next);
            Assert.Equal(DropReason.None, counter.TryTake(out ulong number));
            Assert.Equal(expected, number);
        }
    }

    [Fact]
    public void There_is_no_number_zero() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceCounter(0, isExtended: false));

    [Fact]
    [Produces(DropReason.SequenceNotReserved)]
    public void Only_reserved_numbers_are_taken_and_a_refusal_costs_none()
    {
        var counter = new SequenceCounter(1, isExtended: false);
        Assert.Equal(DropReason.SequenceNotReserved, counter.TryTake(out _));

        counter.LastReserved = 2;
        Assert.Equal([DropReason.None, DropReason.None, DropReason.SequenceNotReserved, DropReason.SequenceNotReserved], Take(counter, 4));

        counter.LastReserved = 3;
        Assert.Equal(DropReason.None, counter.TryTake(out ulong number));
        Assert.Equal(3UL, number);
    }

    [Theory]
    [InlineData(false, uint.MaxValue)]
    [InlineData(true, ulong.MaxValue - 1)]
    [Produces(DropReason.SequenceExhausted)]
    public void The_last_number_is_used_and_none_after_it(bool isExtended, ulong last)
    {
        var counter = new SequenceCounter(last - 1, isExtended) { LastReserved = ulong.MaxValue };

        Assert.Equal(last, counter.Maximum);
        Assert.Equal([DropReason.None, DropReason.None, DropReason.SequenceExhausted, DropReason.SequenceExhausted], Take(counter, 4));
        Assert.True(counter.IsExhausted);
        Assert.Equal(last + 1, counter.Next);
    }

    [Fact]
    public void An_extended_counter_goes_on_where_32_bits_end()
    {
        var counter = new SequenceCounter(uint.MaxValue, isExtended: true) { LastReserved = ulong.MaxValue };

        Assert.Equal([DropReason.None, DropReason.None], Take(counter, 2));
        Assert.Equal((1UL << 32) + 1, counter.Next);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3_865_470_561, false)]
    [InlineData(3_865_470_567, true)]
    [InlineData(uint.MaxValue, true)]
    public void Nine_tenths_are_nearly_all(ulong next, bool expected) =>
        Assert.Equal(expected, new SequenceCounter(next, isExtended: false).IsNearlyExhausted);

    private static DropReason[] Take(SequenceCounter counter, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => counter.TryTake(out ulong _))];
}
