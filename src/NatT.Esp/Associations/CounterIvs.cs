using System.Buffers.Binary;
using System.Diagnostics;

namespace NatT.Esp.Associations;

/// <summary>
/// IVs of a suite whose nonce must never repeat under one key: made of the sequence number, which its durable record lets
/// nobody use twice, and of random bits drawn once an SA and process.
/// </summary>
/// <remarks>
/// <code>
/// 32-bit numbers        | 32 random bits     | number, 32 bits |
/// ESN, up to 2^32 - 1   | 0 | 31 random bits | number, 32 bits |
/// ESN, from 2^32 on     | 1 | 19 random bits | number, 44 bits |
/// </code>
/// One SA uses one of the first two, so different numbers have different IVs, whatever the random bits: those are for a record
/// that was rolled back without a trace. Numbers come again then, and a nonce does where two processes drew the same
/// bits: once in 2^32 roll-backs, 2^31 or 2^19. A number needs no more than 44 bits: each packet takes two blocks or more
/// of the 2^44 after which an SA stops.
/// </remarks>
internal sealed class CounterIvs
{
    /// <summary>Random octets an SA needs.</summary>
    public const int RandomSize = sizeof(uint);

    private const int ShortNumber = 32;
    private const int LongNumber = 44;
    private const ulong LongFlag = 1UL << 63;

    private readonly bool _isExtended;
    private readonly ulong _random;

    /// <param name="random"><see cref="RandomSize"/> octets.</param>
    /// <param name="isExtended">64-bit sequence numbers.</param>
    public CounterIvs(ReadOnlySpan<byte> random, bool isExtended)
    {
        _isExtended = isExtended;
        _random = BinaryPrimitives.ReadUInt32BigEndian(random);
    }

    /// <summary>Writes the 8 octets of the packet of this number.</summary>
    public void Write(Span<byte> iv, ulong number)
    {
        Debug.Assert(number >> (_isExtended ? LongNumber : ShortNumber) == 0, "A number that its SA cannot have.");
        BinaryPrimitives.WriteUInt64BigEndian(iv, Of(number));
    }

    private ulong Of(ulong number)
    {
        if (!_isExtended)
        {
            return (_random << ShortNumber) | number;
        }

        return number >> ShortNumber == 0
            ? (_random >> 1 << ShortNumber) | number
            : LongFlag | (_random << LongNumber) | number;
    }
}
