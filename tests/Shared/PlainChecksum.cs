namespace NatT.Tests;

/// <summary>RFC 1071 in its plainest form, so that the code under test does not vouch for itself.</summary>
internal static class PlainChecksum
{
    /// <summary>The one's complement sum.</summary>
    public static ushort Sum(ReadOnlySpan<byte> octets)
    {
        int sum = 0;
        for (int i = 0; i < octets.Length; i += 2)
        {
            sum += (octets[i] << 8) | (i + 1 < octets.Length ? octets[i + 1] : 0);
            if (sum > 0xFFFF)
            {
                sum -= 0xFFFF;
            }
        }

        return (ushort)sum;
    }

    /// <summary>What is stored.</summary>
    public static ushort Of(ReadOnlySpan<byte> octets) => (ushort)(0xFFFF - Sum(octets));
}
