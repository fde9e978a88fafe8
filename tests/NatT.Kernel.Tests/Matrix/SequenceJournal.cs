using System.Buffers.Binary;

namespace NatT.Kernel.Tests.Matrix;

/// <summary>natt-tun's journal, edited as long use of its keys would have left it.</summary>
/// <remarks>Records of 40 octets, little-endian: "NTJ", kind, fingerprint, ordinal, value at 28, CRC at 36.</remarks>
internal static class SequenceJournal
{
    private const int RecordSize = 40;
    private const int KindOffset = 3;
    private const int ValueOffset = 28;
    private const int CrcOffset = 36;
    private const byte OutboundLimit = 1;

    /// <summary>Has every outbound association in it go on after that number.</summary>
    public static void StartAfter(uint number, string journal)
    {
        byte[] octets = File.ReadAllBytes(journal);
        int edited = 0;
        for (int offset = 0; offset < octets.Length; offset += RecordSize)
        {
            Span<byte> record = octets.AsSpan(offset, RecordSize);
            if (record[KindOffset] == OutboundLimit)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(record[ValueOffset..], number + 1ul);
                BinaryPrimitives.WriteUInt32LittleEndian(record[CrcOffset..], Crc32(record[..CrcOffset]));
                edited++;
            }
        }

        Assert.NotEqual(0, edited);
        File.WriteAllBytes(journal, octets);
    }

    private static uint Crc32(ReadOnlySpan<byte> octets)
    {
        uint crc = uint.MaxValue;
        foreach (byte octet in octets)
        {
            crc ^= octet;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0xedb88320);
            }
        }

        return ~crc;
    }
}
