using System.Buffers.Binary;

namespace NatT.Tunnel.State;

/// <summary>
/// One record of the journal, 40 octets, little-endian; for each key the highest ordinal counts:
/// <code>
///  0      3   4               20         28       36     40
///  +------+---+---------------+----------+--------+------+
///  | NTJ  |kind| fingerprint  | ordinal  | value  | CRC  |
///  +------+---+---------------+----------+--------+------+
/// </code>
/// </summary>
internal readonly record struct JournalRecord(JournalKey Key, ulong Ordinal, ulong Value)
{
    public const int Size = 40;

    private const int KindOffset = 3;
    private const int FingerprintOffset = 4;
    private const int OrdinalOffset = 20;
    private const int ValueOffset = 28;
    private const int CrcOffset = 36;

    private static ReadOnlySpan<byte> Magic => "NTJ"u8;

    /// <summary>False where the octets are torn, corrupt or something else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out JournalRecord record)
    {
        record = default;
        if (source.Length < Size
            || !source.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(source[CrcOffset..]) != Crc32.Compute(source[..CrcOffset]))
        {
            return false;
        }

        var fingerprint = new AssociationFingerprint(BinaryPrimitives.ReadUInt128LittleEndian(source[FingerprintOffset..]));
        record = new JournalRecord(
            new JournalKey((JournalKind)source[KindOffset], fingerprint),
            BinaryPrimitives.ReadUInt64LittleEndian(source[OrdinalOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[ValueOffset..]));
        return true;
    }

    public void Write(Span<byte> destination)
    {
        Magic.CopyTo(destination);
        destination[KindOffset] = (byte)Key.Kind;
        BinaryPrimitives.WriteUInt128LittleEndian(destination[FingerprintOffset..], Key.Fingerprint.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[OrdinalOffset..], Ordinal);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[ValueOffset..], Value);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[CrcOffset..], Crc32.Compute(destination[..CrcOffset]));
    }
}
