namespace NatT.Benchmarks.Timing;

/// <summary>Whether two sets of times can have one mean: Welch's t, as dudect uses it (Reparaz, Balasch, Verbauwhede 2017).</summary>
internal static class WelchTest
{
    /// <summary>Above it, times differ beyond doubt; below it, these samples show nothing.</summary>
    public const double Threshold = 4.5;

    /// <summary>Interrupts and the collector are in the longest times, so only times up to such a share of all are compared.</summary>
    private static readonly double[] Shares = [0.5, 0.75, 0.9, 0.99];

    /// <summary>The t that is farthest from 0 over all shares.</summary>
    public static double Farthest(long[] first, long[] second)
    {
        long[] all = [.. first, .. second];
        Array.Sort(all);
        return Shares
            .Select(share => T(first, second, all[(int)((all.Length - 1) * share)]))
            .MaxBy(Math.Abs);
    }

    private static double T(long[] first, long[] second, long longest)
    {
        (double meanOfFirst, double errorOfFirst) = MeanAndSquaredError(first, longest);
        (double meanOfSecond, double errorOfSecond) = MeanAndSquaredError(second, longest);
        double error = Math.Sqrt(errorOfFirst + errorOfSecond);
        return error == 0 ? 0 : (meanOfFirst - meanOfSecond) / error;
    }

    private static (double Mean, double SquaredError) MeanAndSquaredError(long[] times, long longest)
    {
        double mean = 0;
        double squares = 0;
        int count = 0;
        foreach (long time in times)
        {
            if (time <= longest)
            {
                count++;
                double distance = time - mean;
                mean += distance / count;
                squares += distance * (time - mean);
            }
        }

        return count < 2 ? (mean, 0) : (mean, squares / (count - 1) / count);
    }
}
