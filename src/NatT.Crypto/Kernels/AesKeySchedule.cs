using System.Numerics;
using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>AES key expansion (FIPS 197 §5.2 and §5.3.5) in constant time: the CPU's S-box, no table.</summary>
internal static unsafe class AesKeySchedule
{
    public const int BlockSize = 16;

    /// <summary>Octets of the 15 round keys of AES-256.</summary>
    public const int LargestSize = 15 * BlockSize;

    private const int BlockWords = BlockSize / sizeof(uint);

    public static int Rounds(int keySize) => (keySize / sizeof(uint)) + 6;

    /// <summary>Round keys for encryption.</summary>
    /// <remarks>Words are little-endian here, so the standard's RotWord is a rotation to the right.</remarks>
    // SAFETY: schedule has LargestSize octets, of which 16 × (rounds + 1) are written.
    public static void Expand<TRounds>(ReadOnlySpan<byte> key, byte* schedule)
        where TRounds : struct, IAesRounds
    {
        uint* w = (uint*)schedule;
        key.CopyTo(new Span<byte>(schedule, key.Length));
        int keyWords = key.Length / sizeof(uint);
        uint roundConstant = 1;
        for (int i = keyWords; i < BlockWords * (Rounds(key.Length) + 1); i++)
        {
            uint word = w[i - 1];
            if (i % keyWords == 0)
            {
                word = BitOperations.RotateRight(TRounds.SubWord(word), 8) ^ roundConstant;
                roundConstant = NextRoundConstant(roundConstant);
            }
            else if (keyWords > 6 && i % keyWords == 4)
            {
                word = TRounds.SubWord(word);
            }

            w[i] = w[i - keyWords] ^ word;
        }
    }

    /// <summary>Round keys for the equivalent inverse cipher from those for encryption.</summary>
    // SAFETY: both have room for rounds + 1 round keys.
    public static void Invert<TRounds>(byte* encryption, byte* decryption, int rounds)
        where TRounds : struct, IAesRounds
    {
        var forward = (Vector128<byte>*)encryption;
        var backward = (Vector128<byte>*)decryption;
        backward[0] = forward[rounds];
        for (int round = 1; round < rounds; round++)
        {
            backward[round] = TRounds.InverseMixColumns(forward[rounds - round]);
        }

        backward[rounds] = forward[0];
    }

    /// <summary>Multiplication by x in GF(2⁸).</summary>
    private static uint NextRoundConstant(uint constant) => (constant << 1) ^ ((constant >> 7) * 0x11B);
}
