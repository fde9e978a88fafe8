namespace NatT.Esp.Associations;

/// <summary>Infers the high half of a 64-bit sequence number, which ESP does not send (RFC 4303 Appendix A2).</summary>
public static class ExtendedSequence
{
    /// <summary>The number nearest above the window's lower edge whose low half is <paramref name="low"/>.</summary>
    /// <param name="low">The sequence number as sent.</param>
    /// <param name="top">The highest number accepted so far.</param>
    /// <param name="windowSize">The replay window's size in packets.</param>
    public static ulong Infer(uint low, ulong top, int windowSize)
    {
        uint topLow = (uint)top;
        ulong high = top >> 32;
        uint edge = topLow - (uint)windowSize + 1;
        if (topLow >= (uint)windowSize - 1)
        {
            // Case A: the window lies within one run of low halves.
            return Join(low >= edge ? high : high + 1, low);
        }

        // Case B: it spans two; what is at or above its edge belongs to the earlier run.
        return Join(low >= edge && high > 0 ? high - 1 : high, low);
    }

    public static ulong Join(ulong high, uint low) => (high << 32) | low;
}
