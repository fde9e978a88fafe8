using NatT.Esp.Associations;

namespace NatT.Esp.Tests.Associations;

public sealed class ExtendedSequenceTests
{
    private const ulong Run = 1UL << 32;

    /// <summary>RFC 4303 Appendix A2: low half, top, window, the number meant.</summary>
    public static TheoryData<uint, ulong, int, ulong> Cases => new()
    {
        // The window lies within one run of low halves.
        { 1, 0, 64, 1 },
        { 101, 100, 64, 101 },
        { 37, 100, 64, 37 },
        { 36, 100, 64, Run + 36 },
        { 0, Run - 1, 64, Run },
        { uint.MaxValue, (3 * Run) + 1000, 64, (3 * Run) + uint.MaxValue },

        // It spans two.
        { uint.MaxValue, Run, 64, Run - 1 },
        { uint.MaxValue - 62, Run, 64, Run - 63 },
        { uint.MaxValue - 63, (5 * Run) + 0, 64, (6 * Run) - 64 },
        { 5, (5 * Run) + 3, 64, (5 * Run) + 5 },

        // Below the first run there is none.
        { uint.MaxValue, 3, 64, uint.MaxValue },
        { 0, 0, 64, 0 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_high_half_is_the_one_that_appendix_a2_infers(uint low, ulong top, int windowSize, ulong expected) =>
        Assert.Equal(expected, ExtendedSequence.Infer(low, top, windowSize));

    [Theory]
    [InlineData(32)]
    [InlineData(100)]
    [InlineData(1024)]
    [InlineData(8192)]
    public void The_number_meant_is_the_first_at_or_above_the_windows_edge(int windowSize)
    {
        var random = new Random(windowSize);
        for (int i = 0; i < 200_000; i++)
        {
            ulong top = NextTop(random, windowSize);
            uint low = random.Next(3) switch
            {
                0 => (uint)random.NextInt64(1L << 32),
                1 => (uint)(top + (ulong)random.Next(0, 100)),
                _ => (uint)(top - (ulong)random.Next(0, windowSize + 5)),
            };

            Assert.Equal(FirstAtOrAbove(low, top, windowSize), ExtendedSequence.Infer(low, top, windowSize));
        }
    }

    [Fact]
    public void Two_halves_join() => Assert.Equal(0x12345678_9ABCDEF0UL, ExtendedSequence.Join(0x12345678, 0x9ABCDEF0));

    private static ulong NextTop(Random random, int windowSize) => random.Next(4) switch
    {
        0 => (ulong)random.Next(0, 2 * windowSize),
        1 => ((ulong)random.Next(1, 1000) * Run) + (ulong)random.Next(0, 2 * windowSize),
        2 => ((ulong)random.Next(1, 1000) * Run) - (ulong)random.Next(1, 2 * windowSize),
        _ => (ulong)random.NextInt64(0, long.MaxValue),
    };

    private static ulong FirstAtOrAbove(uint low, ulong top, int windowSize)
    {
        Int128 edge = (Int128)top - windowSize + 1;
        Int128 number = low;
        number += (Int128)(top / Run > 1 ? (top / Run) - 1 : 0) * Run;
        while (number < edge)
        {
            number += Run;
        }

        return (ulong)number;
    }
}
