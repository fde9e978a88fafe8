using System.Runtime.CompilerServices;

namespace NatT.Crypto.Kernels;

/// <summary>The order of work: packets by the number of SHA-256 blocks they take, longest first, by counting.</summary>
internal static unsafe class LongestFirst
{
    /// <summary>Packets of 8 KiB and above are taken for equally long.</summary>
    private const int LongestBlocks = 127;

    /// <summary>Turns each packet's length into its place in the order.</summary>
    // SAFETY: lengths has `count` of them, none negative.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Place(int* lengths, int count, ref ScratchMemory scratch)
    {
        byte* mark = scratch.Mark();
        int* counts = scratch.Take<int>(LongestBlocks + 1);
        new Span<int>(counts, LongestBlocks + 1).Clear();
        for (int i = 0; i < count; i++)
        {
            counts[Blocks(lengths[i])]++;
        }

        // From how many there are to where the first of them goes.
        int place = 0;
        for (int blocks = LongestBlocks; blocks >= 0; blocks--)
        {
            int equals = counts[blocks];
            counts[blocks] = place;
            place += equals;
        }

        for (int i = 0; i < count; i++)
        {
            lengths[i] = counts[Blocks(lengths[i])]++;
        }

        scratch.Release(mark);
    }

    private static int Blocks(int length) => Math.Min(length / Sha256Constants.BlockSize, LongestBlocks);
}
