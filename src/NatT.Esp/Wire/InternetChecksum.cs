using System.Buffers.Binary;

namespace NatT.Esp.Wire;

/// <summary>The 16-bit one's complement checksum of IP, ICMP, TCP and UDP (RFC 1071).</summary>
public static class InternetChecksum
{
    /// <summary>Adds <paramref name="octets"/> to a running sum; an odd last octet counts as if a zero followed.</summary>
    public static uint Add(ReadOnlySpan<byte> octets, uint sum = 0)
    {
        ulong wide = sum;
        for (; octets.Length >= 4; octets = octets[4..])
        {
            wide += BinaryPrimitives.ReadUInt32BigEndian(octets);
        }

        if (octets.Length >= 2)
        {
            wide += BinaryPrimitives.ReadUInt16BigEndian(octets);
            octets = octets[2..];
        }

        if (!octets.IsEmpty)
        {
            wide += (uint)octets[0] << 8;
        }

        return Fold(wide);
    }

    /// <summary>The complement to store, or 0 where <paramref name="sum"/> covers a correct checksum.</summary>
    public static ushort Finish(uint sum) => (ushort)~sum;

    private static uint Fold(ulong sum)
    {
        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (uint)sum;
    }
}
