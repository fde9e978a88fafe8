using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace NatT.Crypto;

/// <summary>The ChaCha20 keystream (RFC 8439 §2.3) for <see cref="RandomIvs"/>: it leaves nothing behind but its output.</summary>
internal static class ChaCha20
{
    public const int KeySize = 32;
    public const int BlockSize = 64;

    private const int Words = BlockSize / sizeof(uint);
    private const int CounterWord = 12;

    /// <summary>Fills <paramref name="destination"/>, a whole number of blocks, with the stream of block 0 under a zero nonce.</summary>
    public static void Keystream(ReadOnlySpan<byte> key, Span<byte> destination)
    {
        // "expand 32-byte k", the key, then block counter and nonce, which start at zero.
        Span<uint> state = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Span<uint> block = stackalloc uint[Words];
        for (int i = 0; i < KeySize / sizeof(uint); i++)
        {
            state[4 + i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(i * sizeof(uint))..]);
        }

        for (; !destination.IsEmpty; destination = destination[BlockSize..])
        {
            state.CopyTo(block);
            Mix(block);
            for (int i = 0; i < Words; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(destination[(i * sizeof(uint))..], block[i] + state[i]);
            }

            state[CounterWord]++;
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(state));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(block));
    }

    /// <summary>Twenty rounds: ten times the four columns, then the four diagonals.</summary>
    private static void Mix(Span<uint> block)
    {
        for (int round = 0; round < 10; round++)
        {
            for (int column = 0; column < 4; column++)
            {
                QuarterRound(ref block[column], ref block[4 + column], ref block[8 + column], ref block[12 + column]);
            }

            for (int diagonal = 0; diagonal < 4; diagonal++)
            {
                QuarterRound(
                    ref block[diagonal],
                    ref block[4 + ((diagonal + 1) & 3)],
                    ref block[8 + ((diagonal + 2) & 3)],
                    ref block[12 + ((diagonal + 3) & 3)]);
            }
        }
    }

    private static void QuarterRound(ref uint a, ref uint b, ref uint c, ref uint d)
    {
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 16);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 12);
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 8);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 7);
    }
}
