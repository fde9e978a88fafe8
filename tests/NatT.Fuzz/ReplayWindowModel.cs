using System.Globalization;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Fuzz.Engine;

namespace NatT.Fuzz;

/// <summary>
/// The replay window, the inference of 64-bit numbers and the count of missing ones beside a plain set of numbers, in random
/// steps: runs, gaps, leaps, the window's edges, replays, starts, and numbers where 32 bits and where 64 end.
/// </summary>
public static class ReplayWindowModel
{
    public const string Name = "replay-window";

    /// <summary>Steps on one pair of windows before the next.</summary>
    private const int StepsOfRound = 200_000;

    private static readonly int[] Sizes = [32, 64, 1024, 8192, 33, 65, 1000];

    private static readonly ulong[] Starts =
        [0, 1, 63, 64, uint.MaxValue - 20_000, uint.MaxValue - 5, uint.MaxValue, 1UL << 32, (7UL << 32) - 100_000, ulong.MaxValue - (1UL << 40)];

    /// <summary>Takes so many steps, and returns how they were judged.</summary>
    /// <exception cref="PropertyException">The two differ.</exception>
    public static string Run(long steps, int seed)
    {
        var random = new Random(seed);
        long[] verdicts = new long[Enum.GetValues<DropReason>().Length];
        for (long done = 0; done < steps; done += StepsOfRound)
        {
            int round = (int)(done / StepsOfRound);
            int size = Sizes[round % Sizes.Length];
            ulong start = Starts[random.Next(Starts.Length)];
            RunRound(random, size, start, (int)Math.Min(StepsOfRound, steps - done), verdicts);
        }

        return string.Join(", ", Enum.GetValues<DropReason>().Where(reason => verdicts[(int)reason] > 0)
            .Select(reason => string.Create(CultureInfo.InvariantCulture, $"{reason} {verdicts[(int)reason]}")));
    }

    private static void RunRound(Random random, int size, ulong start, int steps, long[] verdicts)
    {
        var window = new ReplayWindow(size);
        var model = new PlainWindow(size);
        var missing = new MissingNumbers(size);
        long expectedMissing = 0;
        window.StartAt(start);
        model.StartAt(start);
        missing.StartAt(start);
        for (int i = 0; i < steps; i++)
        {
            if (random.Next(50_000) == 0)
            {
                ulong top = start + (ulong)random.NextInt64(1L << random.Next(1, 36));
                window.StartAt(top);
                model.StartAt(top);
                missing.StartAt(top);
            }

            ulong number = NextNumber(random, model.Top, size);
            DropReason expected = model.Check(number);
            DropReason verdict = window.Check(number);
            verdicts[(int)verdict]++;
            CheckInference(number, model.Top, size);
            if (expected == DropReason.None && random.Next(8) != 0)
            {
                expectedMissing += number > model.Top ? (long)(number - model.Top - 1) : -1;
                window.Commit(number);
                model.Commit(number);
                missing.NoteAccepted(number);
            }

            if (expected != verdict || model.Top != window.Top || expectedMissing != missing.Count)
            {
                throw new PropertyException($"size {size}, top {model.Top}, number {number}: expected {expected}, got {verdict}, "
                    + $"top {window.Top}; missing: expected {expectedMissing}, got {missing.Count}");
            }
        }
    }

    /// <summary>From the low half alone the number is found again, wherever it lies from the window's edge to 2^32 above it.</summary>
    private static void CheckInference(ulong number, ulong top, int size)
    {
        ulong edge = top < (ulong)size ? 0 : top - (ulong)size + 1;
        if (number >= edge && number - edge <= uint.MaxValue)
        {
            Require.AreEqual(number, ExtendedSequence.Infer((uint)number, top, size));
        }
    }

    private static ulong NextNumber(Random random, ulong top, int size)
    {
        ulong most = ulong.MaxValue - top;
        return random.Next(16) switch
        {
            0 => random.Next(4) == 0 ? 0 : top + Math.Min(most, 1UL << random.Next(random.Next(8) == 0 ? 34 : 16)),
            < 7 => top + Math.Min(most, 1),
            < 9 => top + Math.Min(most, (ulong)random.Next(1, 70)),
            9 => top + Math.Min(most, (ulong)random.Next(1, 3 * size)),
            10 or 11 => top - Math.Min(top, (ulong)random.Next(size - 2, size + 3)),
            12 => top,
            _ => top - Math.Min(top, (ulong)random.Next(0, 2 * size)),
        };
    }
}
