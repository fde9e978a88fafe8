using NatT.Esp.Associations;

namespace NatT.Esp.Tests.Associations;

public sealed class ReplayWindowTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(8193)]
    [InlineData(-1)]
    public void A_window_has_32_to_8192_numbers(int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReplayWindow(size));

    [Theory]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(100)]
    [InlineData(1024)]
    [InlineData(8192)]
    public void Random_sequences_are_judged_as_a_set_of_all_seen_numbers_judges_them(int size)
    {
        var random = new Random(size);
        for (int round = 0; round < 20; round++)
        {
            var window = new ReplayWindow(size);
            var model = new PlainWindow(size);
            ulong start = round < 10 ? 0 : (ulong)random.NextInt64();
            if (start > 0)
            {
                window.StartAt(start);
                model.StartAt(start);
            }

            for (int i = 0; i < 5000; i++)
            {
                ulong number = NextNumber(random, model.Top, size);
                DropReason expected = model.Check(number);
                Assert.Equal(expected, window.Check(number));
                if (expected == DropReason.None && random.Next(8) != 0)
                {
                    window.Commit(number);
                    model.Commit(number);
                }

                Assert.Equal(model.Top, window.Top);
            }
        }
    }

    [Fact]
    [Produces(DropReason.TooOld)]
    public void The_oldest_number_in_the_window_passes_and_the_next_older_is_refused()
    {
        // As Linux was seen to do with replay-window 32.
        var window = new ReplayWindow(32);
        window.Commit(100);

        Assert.Equal(DropReason.None, window.Check(69));
        Assert.Equal(DropReason.TooOld, window.Check(68));
    }

    [Theory]
    [InlineData(32, 10_000)]
    [InlineData(64, 10_000)]
    [InlineData(1024, 10_000)]
    [InlineData(8192, 10_000)]
    [InlineData(32, uint.MaxValue)]
    [InlineData(64, uint.MaxValue)]
    [InlineData(1024, 1UL << 32)]
    [InlineData(8192, (1UL << 32) + 4096)]
    public void Every_number_from_edge_to_edge_passes_once_in_any_order(int size, ulong top)
    {
        var window = new ReplayWindow(size);
        window.Commit(top);
        ulong[] numbers = [.. Enumerable.Range(1, size - 1).Select(back => top - (ulong)back)];
        new Random(size).Shuffle(numbers);
        foreach (ulong number in numbers)
        {
            Assert.Equal(DropReason.None, window.Check(number));
            window.Commit(number);
        }

        Assert.All(numbers, number => Assert.Equal(DropReason.Replayed, window.Check(number)));
        Assert.Equal(DropReason.Replayed, window.Check(top - (ulong)size + 1));
        Assert.Equal(DropReason.TooOld, window.Check(top - (ulong)size));
        Assert.Equal(DropReason.None, window.Check(top + 1));
        Assert.Equal(top, window.Top);
    }

    [Fact]
    [Produces(DropReason.SequenceZero)]
    public void Zero_is_refused_always()
    {
        var window = new ReplayWindow(64);
        Assert.Equal(DropReason.SequenceZero, window.Check(0));

        window.Commit(5);
        Assert.Equal(DropReason.SequenceZero, window.Check(0));

        window.StartAt(1000);
        Assert.Equal(DropReason.SequenceZero, window.Check(0));
    }

    [Fact]
    [Produces(DropReason.Replayed)]
    public void A_number_passes_once()
    {
        var window = new ReplayWindow(32);
        Assert.Equal(DropReason.None, window.Check(1));
        window.Commit(1);
        Assert.Equal(DropReason.Replayed, window.Check(1));
    }

    [Fact]
    public void Checking_changes_nothing()
    {
        var window = new ReplayWindow(32);
        window.Check(1000);

        Assert.Equal(0UL, window.Top);
        Assert.Equal(DropReason.None, window.Check(1));
        Assert.Equal(DropReason.None, window.Check(1000));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(127)]
    [InlineData(uint.MaxValue)]
    [InlineData(ulong.MaxValue - 200)]
    public void Starting_at_a_number_makes_it_and_all_below_old_and_all_above_new(ulong top)
    {
        foreach (int size in new[] { 32, 64, 100, 1024 })
        {
            var window = new ReplayWindow(size);
            window.Commit(top / 2 + 3);
            window.StartAt(top);

            Assert.Equal(top, window.Top);
            for (ulong back = 0; back < Math.Min(top, (ulong)size); back++)
            {
                Assert.Equal(DropReason.Replayed, window.Check(top - back));
            }

            for (ulong ahead = 1; ahead <= 200; ahead++)
            {
                Assert.Equal(DropReason.None, window.Check(top + ahead));
            }
        }
    }

    [Fact]
    public void Numbers_skipped_by_a_leap_of_any_length_stay_new()
    {
        foreach (int leap in new[] { 1, 31, 32, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025, 1088, 1152, 100_000 })
        {
            var window = new ReplayWindow(1024);
            for (ulong number = 1; number <= 2000; number++)
            {
                window.Commit(number);
            }

            window.Commit(2000 + (ulong)leap);

            for (ulong back = 1; back < 1024; back++)
            {
                ulong number = 2000 + (ulong)leap - back;
                Assert.Equal(number <= 2000 ? DropReason.Replayed : DropReason.None, window.Check(number));
            }
        }
    }

    private static ulong NextNumber(Random random, ulong top, int size) => random.Next(10) switch
    {
        0 => 0,
        < 5 => top + (ulong)random.Next(1, 4),
        5 => top + (ulong)random.Next(1, 3 * size),
        6 => top - Math.Min(top, (ulong)random.Next(size - 2, size + 3)),
        _ => top - Math.Min(top, (ulong)random.Next(0, 2 * size)),
    };
}
