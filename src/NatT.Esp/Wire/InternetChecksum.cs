using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NatT.Esp.Wire;

/// <summary>The 16-bit one's complement checksum of IP, ICMP, TCP and UDP (RFC 1071).</summary>
public static class InternetChecksum
{
    /// <summary>So many 16-bit words fit a 32-bit lane without a carry out of it.</summary>
    private const int VectorsBeforeOverflow = 32768;

    /// <summary>Adds <paramref name="octets"/> to a running sum; an odd last octet counts as if a zero followed.</summary>
    public static uint Add(ReadOnlySpan<byte> octets, uint sum = 0)
    {
        // Where the CPU has vectors of 128 bits only, the JIT makes two of each.
        bool isWorthVectors = Vector128.IsHardwareAccelerated && octets.Length >= Vector256<byte>.Count;
        ulong words = isWorthVectors ? AddVectors(ref octets) : 0;

        // The sum does not depend on the order of octets in a word (RFC 1071 §2(B)), so words are turned round once, at the end.
        uint own = Fold(words + AddRest(octets));
        return Fold((ulong)sum + (BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness((ushort)own) : own));
    }

    /// <summary>The complement to store, or 0 where <paramref name="sum"/> covers a correct checksum.</summary>
    public static ushort Finish(uint sum) => (ushort)~sum;

    /// <summary>Sums whole vectors and leaves in <paramref name="octets"/> what is behind them.</summary>
    private static ulong AddVectors(ref ReadOnlySpan<byte> octets)
    {
        ReadOnlySpan<Vector256<uint>> vectors = MemoryMarshal.Cast<byte, Vector256<uint>>(octets);
        octets = octets[(vectors.Length * Vector256<byte>.Count)..];
        Vector256<uint> low = Vector256.Create((uint)ushort.MaxValue);
        ulong words = 0;
        while (!vectors.IsEmpty)
        {
            ReadOnlySpan<Vector256<uint>> some = vectors[..Math.Min(vectors.Length, VectorsBeforeOverflow)];
            vectors = vectors[some.Length..];
            Vector256<uint> even = default;
            Vector256<uint> odd = default;
            foreach (Vector256<uint> vector in some)
            {
                even += vector & low;
                odd += vector >>> 16;
            }

            (Vector256<ulong> lower, Vector256<ulong> upper) = Vector256.Widen(even);
            (Vector256<ulong> lowerOdd, Vector256<ulong> upperOdd) = Vector256.Widen(odd);
            words += Vector256.Sum(lower + upper + lowerOdd + upperOdd);
        }

        return words;
    }

    private static ulong AddRest(ReadOnlySpan<byte> octets)
    {
        ulong words = 0;
        for (; octets.Length >= sizeof(uint); octets = octets[sizeof(uint)..])
        {
            words += MemoryMarshal.Read<uint>(octets);
        }

        if (octets.Length >= sizeof(ushort))
        {
            words += MemoryMarshal.Read<ushort>(octets);
            octets = octets[sizeof(ushort)..];
        }

        if (!octets.IsEmpty)
        {
            words += BitConverter.IsLittleEndian ? octets[0] : (uint)octets[0] << 8;
        }

        return words;
    }

    private static uint Fold(ulong sum)
    {
        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (uint)sum;
    }
}
