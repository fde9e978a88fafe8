namespace NatT.Tests;

/// <summary>What code allocates in its steady state.</summary>
internal static class Allocation
{
    private const int Rounds = 5;

    /// <summary>
    /// Octets that <paramref name="round"/> allocates on this thread: the least of some runs, for the runtime counts what
    /// compiling a method, or a collection in the middle, costs it as the thread's own, and code that allocates does so each time.
    /// </summary>
    public static long Least(Action round)
    {
        long least = long.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
